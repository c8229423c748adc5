import CurlHTTPClient
import HTTP
import OpenSSLCrypto
import SecretMemory
import Untrusted

@testable import Gateway

/// A webhook by hand.
enum WebhookMessage {
    static func signature(of body: String, secret: String) -> String {
        HMACKey(SecretBytes(secret), digest: .sha1).code(for: Array(body.utf8)).hexadecimal
    }

    static func post(_ body: String, _ headers: HTTPHeaders, _ world: LoginWorld) async throws -> Int {
        var all: HTTPHeaders = ["Content-Type": "application/json"]
        for field in headers.fields { all.append(field.name, field.value) }
        let request = HTTPClientRequest(
            .post, world.gatewayURL + "/sso/webhook", headers: all, body: SecretBytes(body), timeout: .seconds(10))
        return try await world.client.send(request).status.rawValue
    }
}

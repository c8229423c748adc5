import CurlHTTPClient
import HTTP
import JOSE
import MicroHTTPServer
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import ProviderStandIn

/// Over real sockets, made the way a command makes it: with keys and randomness of its own.
@Suite struct `A stand-in that listens` {
    static let patience = Duration.seconds(20)

    @Test func `gives a whole login to a client that knows only its address`() async throws {
        let settings = StandInSettings.demonstration(redirectLoginURL: "http://localhost:1/callback")
        let standIn = ProviderStandIn(settings: settings, now: { 1_800_000_000 })
        let server = try MicroHTTPServer.start(
            ServerSettings(listen: .tcp(host: "127.0.0.1", port: 0)), handler: standIn)
        let client = try CurlHTTPClient(ClientSettings())
        let base = "http://127.0.0.1:\(server.port)"
        func ask(_ method: HTTPMethod, _ path: String, form: String? = nil) async throws -> HTTPClientResponse {
            let headers: HTTPHeaders = form == nil ? [:] : ["Content-Type": "application/x-www-form-urlencoded"]
            return try await client.send(
                HTTPClientRequest(
                    method, base + path, headers: headers, body: form.map { SecretBytes($0) }, timeout: Self.patience))
        }
        func object(_ response: HTTPClientResponse) throws -> JSONObject { try JSONObject(parsing: response.body) }

        let start = try await ask(.get, "/sso/integrations/acme?path=billing")
        let location = try #require(start.headers["Location"])
        #expect(start.status == .found && location.hasPrefix("http://localhost:1/callback?mode=sso&"))
        let query = try FormParameters(SecretBytes(location.split(separator: "?")[1].utf8))
        guard case .one(let code) = query.lookUp("code"), case .one(let state) = query.lookUp("state") else {
            Issue.record("no code and state")
            return
        }
        let form = """
            grant_type=authorization_code&client_id=oac_AcmeDemonstration01&client_secret=stand-in-client-secret\
            &code=\(code.exposedText?.string ?? "")&state=\(state.exposedText?.string ?? "")
            """
        let exchange = try await ask(.post, "/v1/integrations/sso/token", form: form)
        let token = try #require(try object(exchange)["id_token"]?.text?.string)
        // Rotation makes a key away from the server's thread; the set before it is what this token needs.
        let keys = try JWKSet(parsing: try await ask(.get, "/.well-known/jwks").body)
        #expect(try await ask(.post, "/stand-in/keys/rotate", form: "").status == .noContent)
        _ = try keys.verify(UnverifiedJWS(SecretBytes(token)), algorithms: [.rs256])

        let discovery = try object(try await ask(.get, "/.well-known/openid-configuration"))
        #expect(discovery["jwks_uri"]?.isText("\(base)/.well-known/jwks") == true)
        #expect(try await ask(.head, "/").body.isEmpty)
        #expect(try await ask(.get, "/").body.exposedText?.string.contains("Open in Provider") == true)
        #expect(try await ask(.post, "/stand-in/faults", form: "fault=token_huge").status == .noContent)
        await #expect(throws: HTTPClientError.tooLarge) {
            _ = try await ask(.post, "/v1/integrations/sso/token", form: form)
        }
        client.stop()
        await server.drainAndStop(within: .seconds(1))
    }
}

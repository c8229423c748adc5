import CurlHTTPClient
import HTTP
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// RT-102 for addresses beside the callback: what one client sends in vain costs that client alone, and never keeps a
/// valid request out.
@Suite struct RequestLimitTests {
    private static func send(
        _ world: LoginWorld, _ method: HTTPMethod, _ path: String, from client: String, body: String? = nil,
        headers extra: HTTPHeaders = [:]
    ) async throws -> HTTPClientResponse {
        var headers: HTTPHeaders = ["X-Forwarded-For": client]
        for field in extra.fields { headers.append(field.name, field.value) }
        return try await world.client.send(
            HTTPClientRequest(
                method, world.gatewayURL + path, headers: headers, body: body.map { SecretBytes($0) },
                timeout: .seconds(20)))
    }

    @Test func `RT-102: refused webhooks of one address are limited, and a genuine one is answered`() async throws {
        try await LoginWorld.run { world in
            func forged(from client: String) async throws -> HTTPClientResponse {
                try await Self.send(
                    world, .post, "/sso/webhook", from: client, body: "{}", headers: ["X-Vercel-Signature": "00"])
            }
            for _ in 0..<60 {
                let answer = try await forged(from: "203.0.113.7")
                #expect(answer.status == .forbidden)
            }
            let limited = try await forged(from: "203.0.113.7")
            #expect(limited.status == .tooManyRequests)
            let wait = Int(limited.headers["Retry-After"] ?? "") ?? 0
            #expect(1...300 ~= wait)
            let other = try await forged(from: "203.0.113.8")
            #expect(other.status == .forbidden)
            let body = #"{"id":"wh_1","type":"unknown","createdAt":1,"payload":{}}"#
            let secret = SecretBytes(LoginWorld.Plan.acme().clientSecret)
            let signature = HMACKey(secret, digest: .sha1).code(for: SecretBytes(body)).hexadecimal
            let genuine = try await Self.send(
                world, .post, "/sso/webhook", from: "203.0.113.7", body: body,
                headers: ["X-Vercel-Signature": signature])
            #expect(genuine.status == .ok)
        }
    }

    @Test(
        arguments: [
            (HTTPMethod.put, "/v1/installations/icfg_AcmeAnalyticalEngines001", [:]),
            (.post, "/sso/switch", ["Content-Type": "application/x-www-form-urlencoded", "Origin": LoginWorld.origin]),
        ] as [(HTTPMethod, String, HTTPHeaders)])
    func `RT-102: refused requests are answered with 429 beyond the limit`(
        _ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders
    ) async throws {
        try await LoginWorld.run { world in
            var statuses: [Int] = []
            for _ in 0..<62 {
                let answer = try await Self.send(
                    world, method, path, from: "203.0.113.7", body: "a=b", headers: headers)
                statuses.append(answer.status.rawValue)
            }
            #expect(statuses.prefix(60).allSatisfy { 400..<429 ~= $0 } && statuses.suffix(2) == [429, 429])
            let other = try await Self.send(world, method, path, from: "203.0.113.8", body: "a=b", headers: headers)
            #expect(400..<429 ~= other.status.rawValue)
        }
    }

    @Test func `RT-102: starts are limited for their client, and other sites' images use up nothing`() async throws {
        try await LoginWorld.run { world in
            func start(_ client: String, _ headers: HTTPHeaders = [:]) async throws -> HTTPClientResponse {
                try await Self.send(world, .get, "/sso/start", from: client, headers: headers)
            }
            for _ in 0..<700 {
                let image: HTTPHeaders = ["Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"]
                let answer = try await start("203.0.113.7", image)
                #expect(answer.status != .seeOther && answer.status != .tooManyRequests)
            }
            for _ in 0..<600 {
                let answer = try await start("203.0.113.7")
                #expect(answer.status == .seeOther)
            }
            let limited = try await start("203.0.113.7")
            #expect(limited.status == .tooManyRequests && limited.headers["Retry-After"] != nil)
            #expect(limited.headers["Set-Cookie"] == nil)
            let metrics = try await world.administer(.get, "/metrics").body.exposedText?.string ?? ""
            #expect(metrics.contains(#"sso_gateway_limited_requests_total{endpoint="start"} 1"#))
            #expect(limited.body.exposedText?.string.contains("Too many sign-ins") ?? false)
            let other = try await start("203.0.113.8")
            #expect(other.status == .seeOther)
        }
    }
}

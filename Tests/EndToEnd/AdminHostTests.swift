import HTTP
import MicroHTTPServer
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Which requests the admin listener answers, by what they call it.
@Suite struct AdminHostTests {
    private static let token = "an-admin-token-of-some-length"

    private static func status(
        _ world: LoginWorld, _ path: String, host: String, _ more: String = "", method: String = "GET"
    )
        async throws -> Int
    {
        let raw = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\(more)\r\n"
        let answer = try await RawRequest.send(Array(raw.utf8), port: world.gateway.adminListener.port)
        return Int(answer.dropFirst("HTTP/1.1 ".count).prefix(3)) ?? 0
    }

    /// A page of evil.example whose name leads here (DNS rebinding) is of one origin with the answer and may read it.
    @Test(arguments: [nil, token])
    func `RT-108: only ping is answered under a name`(_ token: String?) async throws {
        try await LoginWorld.run {
            $0.adminToken = token
        } _: { world async throws in
            for host in [
                "evil.example", "evil.example:4181", "127.0.0.1.evil.example", "1.2.3", "localhost.evil.example",
            ] {
                #expect(try await Self.status(world, "/ping", host: host) == 200)
                #expect(try await Self.status(world, "/ready", host: host) == 403, "\(host)")
                #expect(try await Self.status(world, "/ready", host: host, method: "POST") == 403, "\(host)")
                #expect(try await Self.status(world, "/nothing", host: host) == 403, "\(host)")
                for (path, method) in [("/metrics", "GET"), ("/metrics", "POST"), ("/admin/sessions/revoke", "GET")] {
                    let status = try await Self.status(world, path, host: host, method: method)
                    #expect(status == (token == nil ? 403 : 401), "\(host) \(path)")
                }
            }
            // As probes and people ask.
            for host in [
                "127.0.0.1", "localhost:4181", "LOCALHOST", "[::1]:80", "10.244.1.7:4181", "192.0.2.1:80",
                "[2001:db8::7]:4181",
            ] {
                #expect(try await Self.status(world, "/ready", host: host) == 200, "\(host)")
                #expect(try await Self.status(world, "/nothing", host: host) == 404, "\(host)")
            }
        }
    }

    @Test func `RT-108: with the token any name will do, and without it no page is answered`() async throws {
        try await LoginWorld.run {
            $0.adminToken = Self.token
        } _: { world async throws in
            let right = "Authorization: Bearer \(Self.token)\r\n"
            for path in ["/ready", "/metrics", "/admin/installations"] {
                #expect(try await Self.status(world, path, host: "gateway.internal:4181", right) == 200, "\(path)")
            }
            let wrong = "Authorization: Bearer wrong\r\n"
            #expect(try await Self.status(world, "/ready", host: "gateway.internal", wrong) == 403)
            for page in [
                "Origin: http://127.0.0.1\r\n", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-origin\r\n",
            ] {
                #expect(try await Self.status(world, "/ready", host: "127.0.0.1", page) == 403, "\(page)")
                #expect(try await Self.status(world, "/ready", host: "127.0.0.1", page + right) == 403, "\(page)")
                #expect(try await Self.status(world, "/ping", host: "127.0.0.1", page) == 200, "\(page)")
            }
            #expect(try await Self.status(world, "/ready", host: "127.0.0.1", "Sec-Fetch-Site: none\r\n") == 200)
        }
    }
}

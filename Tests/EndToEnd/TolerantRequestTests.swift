import HTTP
import ProviderStandIn
import TestSupport
import Testing
import Untrusted

@testable import Gateway

/// Requests that are right, though few clients make them so, and refusals in the words that a proxy understands.
@Suite struct TolerantRequestTests {
    private static func port(_ url: String) throws -> UInt16 {
        try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
    }

    private static func status(_ answer: String) -> Int? { Int(answer.dropFirst("HTTP/1.1 ".count).prefix(3)) }

    @Test func `RT-117: a webhook may have a mebibyte, and no other body more than before`() async throws {
        try await LoginWorld.run { world in
            let secret = LoginWorld.Plan.acme().clientSecret
            func send(_ count: Int) async throws -> Int {
                let start = #"{"id":"big-\#(count)","type":"project.created","createdAt":1,"payload":{"list":""#
                let body = start + String(repeating: "x", count: count - start.utf8.count - 3) + "\"}}"
                let signature = WebhookMessage.signature(of: body, secret: secret)
                return try await WebhookMessage.post(body, ["x-vercel-signature": signature], world)
            }
            for (count, status) in [(70_000, 200), (1 << 20, 200), ((1 << 20) + 1, 413)] {
                #expect(try await send(count) == status, "\(count)")
            }
            let form = "answer=\(String(repeating: "x", count: 70_000))"
            let other = try await RawRequest.send(
                Array(
                    "POST /sso/switch HTTP/1.1\r\nHost: app.example.test\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)"
                        .utf8), port: world.port)
            #expect(Self.status(other) == 413)
        }
    }

    @Test(arguments: [("/authz/nginx", 403), ("/oauth2/auth", 403), ("/authz/caddy", 400), ("/sso/session", 400)])
    func `RT-117: a head that is refused is refused in the words that the proxy understands`(
        path: String, status: Int
    ) async throws {
        try await LoginWorld.run { world in
            for lines in [
                ["X-Original-URI: /a", "X-Original-URI: /b"], ["X: a\u{1}b"], ["Cookie: a=b", "Cookie: c=d"],
            ] {
                let answer = try await RawRequest.get(path + "?x=y", port: world.port, headers: lines)
                #expect(Self.status(answer) == status, "\(lines): \(answer.prefix(40))")
            }
        }
    }

    @Test func `RT-117: HTTP 1.0 needs no Host`() async throws {
        try await LoginWorld.run { world in
            let ping = Array("GET /ping HTTP/1.0\r\n\r\n".utf8)
            let port = try Self.port(world.adminURL)
            #expect(Self.status(try await RawRequest.send(ping, port: port)) == 200)
            let ready = Array("GET /ready HTTP/1.1\r\nConnection: close\r\n\r\n".utf8)
            #expect(Self.status(try await RawRequest.send(ready, port: port)) == 400)
        }
    }

    @Test func `RT-117: a query may hold what browsers send in it`() async throws {
        try await LoginWorld.run { world in
            let answer = try await RawRequest.get("/sso/start?re=\\d+&é=1", port: world.port)
            #expect(Self.status(answer) == 303)
        }
    }

    @Test func `RT-100: the body of an unknown caller is not looked into`() async throws {
        try await LoginWorld.run { world in
            for body in ["{", #"{"a":1,"a":2}"#, "{}"] {
                let head = [
                    "PUT /v1/installations/icfg_1 HTTP/1.1", "Host: app.example.test", "Connection: close",
                    "X-Vercel-Auth: user", "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA",
                    "Content-Length: \(body.utf8.count)", "", body,
                ]
                let answer = try await RawRequest.send(Array(head.joined(separator: "\r\n").utf8), port: world.port)
                #expect(Self.status(answer) == 403, "\(answer)")
            }
        }
    }
}

import Foundation
import Locking
import TestSupport
import Testing

/// A gateway that answers anything but a plain yes: nothing gets through, nothing of the client's is taken for ours.
@Suite(.namesProxy) struct `A gateway that fails behind a proxy` {
    private static let failures: [(name: String, script: [ScriptedServer.Step])] = [
        ("500", [.awaitRequest, .send("HTTP/1.1 500 Oops\r\nContent-Length: 2\r\nX-SSO-Role: ADMIN\r\n\r\nno")]),
        ("503", [.awaitRequest, .send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")]),
        ("429", [.awaitRequest, .send("HTTP/1.1 429 Slowly\r\nContent-Length: 0\r\n\r\n")]),
        ("404", [.awaitRequest, .send("HTTP/1.1 404 Nothing\r\nContent-Length: 0\r\n\r\n")]),
        ("no HTTP", [.awaitRequest, .send("200 OK\r\n\r\n")]),
        ("half a head", [.awaitRequest, .send("HTTP/1.1 200 OK\r\nX-SSO-Role: ADMIN\r\n")]),
        ("a closed connection", [.awaitRequest]), ("a reset", [.awaitRequest, .reset]),
        // Another program at the gateway's address.
        ("no decision", [.awaitRequest, .send("HTTP/1.1 200 OK\r\nX-SSO-Role: ADMIN\r\nContent-Length: 0\r\n\r\n")]),
        (
            "a decision that is not to allow",
            [.awaitRequest, .send("HTTP/1.1 200 OK\r\nX-SSO-Decision: allowed, not\r\nContent-Length: 0\r\n\r\n")]
        ),
        (
            "a long silence",
            [.awaitRequest, .pause(.seconds(8)), .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
        ),
    ]

    @Test func `RT-126 every block keeps the app closed`() async throws {
        try await RealProxy.forEach(Self.keepsClosed)
    }

    @Sendable private static func keepsClosed(_ proxy: RealProxy) async throws {
        // One gateway that fails in one way after the other, each time on a new connection.
        let current = Locked(0)
        let gateway = try ScriptedServer { _ in failures[current.withLock { $0 }].script }
        defer { gateway.stop() }
        try await ProxiedApp.run(behind: proxy, .init(gateway: gateway)) { site in
            for (number, failure) in failures.enumerated() {
                current.withLock { $0 = number }
                for path in failure.name == "a long silence" ? ["/public/"] : ["/dashboard", "/public/"] {
                    let answer = try await Browser(site).ask(path, headers: Browser.navigation + forged)
                    #expect(answer.status >= 400, "\(failure.name): \(answer.status)")
                    #expect(answer.body != "the app's page")
                }
                #expect(site.app.requests.isEmpty, "\(failure.name)")
            }
        }
    }

    private static let forged = ["X-SSO-Role: ADMIN", "X-SSO-Decision: allowed"]
    private static let bareYes = "HTTP/1.1 200 OK\r\nX-SSO-Decision: allowed\r\nContent-Length: 0\r\n\r\n"

    @Test func `RT-10 RT-126 an allowed answer without identity leaves nothing of the client's`() async throws {
        let gateway = try ScriptedServer(.repeated([.awaitRequest, .send(Self.bareYes)]))
        defer { gateway.stop() }
        try await ProxiedApp.behindEach(.init(gateway: gateway)) { site in
            let forged = ["X-SSO-Role: root", "X-Auth-Request-User: root", "x-sso-session: root", "Remote-User: root"]
            #expect(try await Browser(site).ask("/bare", headers: forged).status == 200)
            let head = try #require(site.received("/bare").first)
            #expect(!head.contains("root"), "\(head)")
            #expect(IdentityHeader.values(in: head).allSatisfy { $0.isEmpty || $0 == "allowed" }, "\(head)")
        }
    }

    @Test func `a decision request has no body and no identity headers of the client`() async throws {
        let gateway = try ScriptedServer(.repeated([.awaitRequest, .send(Self.bareYes)]))
        defer { gateway.stop() }
        try await ProxiedApp.behindEach(.init(gateway: gateway)) { site in
            let claims = [
                "X-Original-URI: /evil", "X-Forwarded-Uri: /evil", "X-Forwarded-Host: evil", "X-Rewrite-URL: /evil",
                "X-Forwarded-For: evil", "X-Real-Ip: evil", "X-Envoy-Original-Path: evil",
            ]
            let target = "/form/\(site.proxy.rawValue.filter(\.isLetter))?a=b"
            #expect(try await Browser(site).ask(target, headers: claims, ["-d", "evil=body"]).status == 200)
            let request = try #require(gateway.requests.first { $0.contains("\(target)") })
            #expect(!request.contains("evil"), "\(request)")
            let method =
                switch site.proxy.kind {
                case "nginx": "\r\nx-original-method: post\r\n"
                case "envoy": "post /"
                default: "\r\nx-forwarded-method: post\r\n"
                }
            #expect(request.lowercased().contains(method), "\(request)")
        }
    }
}

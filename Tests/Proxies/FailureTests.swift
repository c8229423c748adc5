import Foundation
import Locking
import TestSupport
import Testing

/// A gateway that answers anything but a plain yes: nothing gets through, nothing of the client's is taken for ours.
@Suite struct `A gateway that fails behind a proxy` {
    private static let failures: [(name: String, script: [ScriptedServer.Step])] = [
        ("500", [.awaitRequest, .send("HTTP/1.1 500 Oops\r\nContent-Length: 2\r\nX-SSO-Role: ADMIN\r\n\r\nno")]),
        ("503", [.awaitRequest, .send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")]),
        ("429", [.awaitRequest, .send("HTTP/1.1 429 Slowly\r\nContent-Length: 0\r\n\r\n")]),
        ("404", [.awaitRequest, .send("HTTP/1.1 404 Nothing\r\nContent-Length: 0\r\n\r\n")]),
        ("no HTTP", [.awaitRequest, .send("200 OK\r\n\r\n")]),
        ("half a head", [.awaitRequest, .send("HTTP/1.1 200 OK\r\nX-SSO-Role: ADMIN\r\n")]),
        ("a closed connection", [.awaitRequest]), ("a reset", [.awaitRequest, .reset]),
        (
            "a long silence",
            [.awaitRequest, .pause(.seconds(8)), .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
        ),
    ]

    @Test(arguments: RealProxy.installed)
    func `every snippet keeps the app closed`(proxy: RealProxy) async throws {
        // One gateway that fails in one way after the other, each time on a new connection.
        let current = Locked(0)
        let gateway = try ScriptedServer { _ in Self.failures[current.withLock { $0 }].script }
        defer { gateway.stop() }
        try await ProxiedApp.run(behind: proxy, .init(gateway: gateway)) { site in
            for (number, failure) in Self.failures.enumerated() {
                current.withLock { $0 = number }
                for path in failure.name == "a long silence" ? ["/public/"] : ["/dashboard", "/public/"] {
                    let answer = try Browser(site).ask(path, headers: Browser.navigation + ["X-SSO-Role: ADMIN"])
                    #expect(answer.status >= 400, "\(failure.name): \(answer.status)")
                    #expect(answer.body != "the app's page")
                }
                #expect(site.app.requests.isEmpty, "\(failure.name)")
            }
        }
    }

    @Test(arguments: RealProxy.installed)
    func `RT-10 a yes without identity leaves nothing of the client's`(proxy: RealProxy) async throws {
        let gateway = try ScriptedServer(
            .repeated([.awaitRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]))
        defer { gateway.stop() }
        try await ProxiedApp.run(behind: proxy, .init(gateway: gateway)) { site in
            let forged = ["X-SSO-Role: root", "X-Auth-Request-User: root", "x-sso-session: root", "Remote-User: root"]
            #expect(try Browser(site).ask("/bare", headers: forged).status == 200)
            let head = try #require(site.received("/bare").first)
            #expect(!head.contains("root"), "\(head)")
        }
    }

    @Test(arguments: RealProxy.installed)
    func `the gateway is asked without a body and without the client's own claims`(proxy: RealProxy) async throws {
        let gateway = try ScriptedServer(
            .repeated([.awaitRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]))
        defer { gateway.stop() }
        try await ProxiedApp.run(behind: proxy, .init(gateway: gateway)) { site in
            let claims = [
                "X-Original-URI: /evil", "X-Forwarded-Uri: /evil", "X-Forwarded-Host: evil", "X-Rewrite-URL: /evil",
            ]
            #expect(try Browser(site).ask("/form?a=b", headers: claims, ["-d", "evil=body"]).status == 200)
            let question = try #require(gateway.requests.first { $0.contains("/form?a=b") })
            #expect(!question.contains("evil"), "\(question)")
            #expect(
                question.lowercased().contains(proxy == .nginx ? "x-original-method: post" : "x-forwarded-method: post")
            )
        }
    }
}

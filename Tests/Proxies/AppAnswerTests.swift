import Foundation
import TestSupport
import Testing

/// What an app answers, and what slow strangers do to it.
@Suite(.namesProxy) struct `An app's answers behind a proxy` {
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: PythonPackages.python), "needs .ci/setup"))
    func `RT-104 a strict WebSocket server is reached`() async throws {
        try await ProxiedApp.behindEach(.init(program: Python.app("websocket"), hasRawClient: true, isSecure: true)) {
            site in
            let visit = Visit(site: site, version: .http1, cookie: try await site.signIn(as: Member.ben))
            let handshake = Row.handshake(visit, ["Upgrade: websocket", "Connection: Upgrade"])
            let response = try await visit.send(raw: handshake, then: Row.maskedHello, until: "hello")
            #expect(response.status == 101 && response.body == Row.hello, "\(response.status)")
        }
    }

    @Test func `a path that the app names for nginx is not served by the decision about another one`() async throws {
        let answer: @Sendable (String) -> String = { request in
            let isFile = request.hasPrefix("GET /file ")
            let redirect = isFile ? "X-Accel-Redirect: /admin/secret\r\n" : ""
            return "HTTP/1.1 200 OK\r\n\(redirect)Content-Length: 4\r\n\r\n" + (isFile ? "file" : "evil")
        }
        try await ProxiedApp.behindEach(.init(answer: answer)) { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            let forged = ["X-Sendfile-Type: X-Accel-Redirect", "X-Accel-Mapping: /=/"]
            #expect(try await ben.ask("/file", headers: forged).body == "file")
            #expect(site.app.requests.count == 1)
            let head = site.app.requests[0].lowercased()
            #expect(!head.contains("x-sendfile-type") && !head.contains("x-accel-mapping"))
        }
    }

    @Test func `a head of 20 KB and many cookies reach the client`() async throws {
        let cookies = (0..<30).map { "Set-Cookie: c\($0)=1\r\n" }.joined()
        let answer: @Sendable (String) -> String = { _ in
            "HTTP/1.1 200 OK\r\nX-Big: \(String(repeating: "x", count: 20_000))\r\n\(cookies)Content-Length: 0\r\n\r\n"
        }
        try await ProxiedApp.behindEach(.init(answer: answer)) { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            let page = try await ben.ask("/page")
            #expect(page.status == 200 && page.header("x-big")?.count == 20_000)
            #expect(page.headers.filter { $0.name == "set-cookie" }.count == 30)
        }
    }

    @Test func `RT-105 slow webhooks keep no decision waiting`() async throws {
        try await ProxiedApp.behindEach { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            let slow = try (0..<1100).map { _ in try RawConnection(port: site.port) }
            for connection in slow {
                connection.send("POST /hooks/market HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
            }
            try await Task.sleep(for: .milliseconds(300))
            // A decision that waits for five seconds is an error to every proxy.
            #expect(try await ben.ask("/page").status == 200)
            for connection in slow { connection.finishSending() }
        }
    }
}

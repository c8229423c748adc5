import Foundation
import Glibc
import TestSupport
import Testing

/// What has to hold behind every proxy, as one table.
@Suite(.enabled(if: !RealProxy.installed.isEmpty, "needs nginx, Caddy or HAProxy"))
struct `The matrix of proxies` {
    private typealias Cell = (said: String, holds: Bool)

    private struct Row: Sendable {
        let name: String
        let check: @Sendable (ProxiedApp) async throws -> (said: String, holds: Bool)
    }

    @Test func `every row holds behind every proxy`() async throws {
        let rows = Self.rows
        let columns = try await withThrowingTaskGroup(of: (RealProxy, [Cell]).self) { group in
            for proxy in RealProxy.installed {
                group.addTask {
                    var cells: [Cell] = []
                    try await ProxiedApp.run(behind: proxy, .init(idle: "1m")) { site in
                        for row in rows { cells.append(try await row.check(site)) }
                    }
                    return (proxy, cells)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let proxies = RealProxy.installed
        func line(_ cells: [String]) -> String {
            cells.enumerated().map { $1.padding(toLength: $0 == 0 ? 44 : 22, withPad: " ", startingAt: 0) }.joined()
        }
        var table = [line([""] + proxies.map(\.rawValue))]
        for (index, row) in rows.enumerated() {
            table.append(line([row.name] + proxies.map { columns[$0]?[index].said ?? "" }))
            for proxy in proxies {
                let cell = columns[proxy]?[index]
                #expect(cell?.holds == true, "\(row.name) behind \(proxy): \(cell?.said ?? "nothing")")
            }
        }
        print(table.joined(separator: "\n"))
    }

    /// In this order: the last two take the gateway away.
    private static let rows = [
        Row(name: "browser without session is sent to sign in") { site in
            let answer = try Browser(site).ask("/reports?year=1843", headers: Browser.navigation)
            let address = "/sso/start?integration=demo&rd=%2Freports%3Fyear%3D1843"
            return ("\(answer.status)", answer.status == 302 && answer.header("location") == address)
        },
        Row(name: "program without session gets JSON") { site in
            let answer = try Browser(site).ask("/api", headers: ["Accept: text/html", "Sec-Fetch-Mode: cors"])
            let isOurs = answer.header("location") == nil && answer.body.contains(#""code":"not_signed_in""#)
            return ("\(answer.status)", answer.status == 401 && isOurs)
        },
        Row(name: "form without session is not redirected") { site in
            let answer = try Browser(site).ask("/f", headers: Browser.navigation, ["-d", "a=b"])
            return ("\(answer.status)", answer.status == 401 && answer.header("location") == nil)
        },
        Row(name: "OPTIONS without session is not redirected") { site in
            let answer = try Browser(site).ask("/f", headers: Browser.navigation, ["-X", "OPTIONS"])
            return ("\(answer.status)", answer.status == 401 && answer.header("location") == nil)
        },
        Row(name: "allowed, with our identity") { site in
            let ben = try signedIn(site)
            let answer = try ben.ask("/dashboard?x=%2f#")
            let head = site.received("/dashboard?x=%2f").first ?? ""
            let user = IdentityHeader.values("x-auth-request-user", in: head)
            return ("\(answer.status)", answer.status == 200 && user == [Member.ben])
        },
        Row(name: "forbidden by a rule") { site in
            let answer = try signedIn(site).ask("/admin/users", headers: Browser.navigation)
            return ("\(answer.status)", answer.status == 403 && site.received("/admin/users").isEmpty)
        },
        Row(name: "anyone, with no identity") { site in
            let answer = try Browser(site).ask("/public/a", headers: ["X-SSO-Role: ADMIN"])
            let names = IdentityHeader.values(in: site.received("/public/a").first ?? "X-SSO-Role: ADMIN")
            return ("\(answer.status)", answer.status == 200 && names.allSatisfy(\.isEmpty))
        },
        Row(name: "overwritten and aliased headers") { site in
            let forged = ["X-SSO-Role: ADMIN", "X_SSO_Role: ADMIN", "X.SSO.Role: ADMIN", "x-sso.role: ADMIN"]
            let answer = try signedIn(site).ask("/forged", headers: forged)
            let head = site.received("/forged").first ?? ""
            return (
                "\(answer.status)",
                head.isEmpty || !head.contains("ADMIN") && head.lowercased().contains("x-sso-role: user")
            )
        },
        Row(name: "a long body reaches the app alone") { site in
            // Longer than the gateway takes.
            let body = String(repeating: "engine ", count: 12_000)
            try body.write(toFile: site.directory + "/long", atomically: false, encoding: .utf8)
            let answer = try signedIn(site).ask("/notes", ["--data-binary", "@\(site.directory)/long"])
            let seen = site.received("/notes").first ?? ""
            return (
                "\(answer.status)", answer.status == 200 && seen.hasPrefix("POST ") && seen.hasSuffix("\r\n\r\n" + body)
            )
        },
        Row(name: "a header of 6,000 bytes") { site in
            let long = "X-Long: " + String(repeating: "a", count: 6000)
            let answer = try signedIn(site).ask("/long", headers: [long])
            return ("\(answer.status)", answer.status == 200 && (site.received("/long").first ?? "").count > 6000)
        },
        Row(name: "a header of 60,000 bytes is refused") { site in
            let long = "X-Long: " + String(repeating: "a", count: 60_000)
            let answer = try signedIn(site).ask("/longer", headers: [long])
            return ("\(answer.status)", (400...599).contains(answer.status) && site.received("/longer").isEmpty)
        },
        Row(name: "long heads: the whole identity or a refusal") { site in
            let browser = try signedIn(site)
            var passed = 0
            for size in stride(from: 4_000, through: 40_000, by: 750) {
                let path = "/head/\(size)"
                let lines = (0..<size / 500).map { "X-Long-\($0): " + String(repeating: "a", count: 480) }
                let answer = try browser.ask(path, headers: lines)
                guard let head = site.received(path).first else {
                    if answer.status < 400 { return ("\(size): \(answer.status)", false) }
                    continue
                }
                passed = size
                let values = IdentityHeader.values(in: head)
                let assertion = IdentityHeader.values("x-sso-assertion", in: head).first ?? ""
                guard values.count == 11, values.allSatisfy({ !$0.isEmpty }), assertion.count > 300 else {
                    return ("\(size): \(values.count) headers", false)
                }
            }
            return ("up to \(passed)", passed >= 10_000)
        },
        Row(name: "WebSocket with session") { site in
            let said = try WebSocketProbe.open(site, cookie: try signedIn(site).cookie)
            return (said.first ?? "", said.first == "101" && said.last == "frame")
        },
        Row(name: "WebSocket without session") { site in
            let said = try WebSocketProbe.open(site, cookie: nil)
            return (said.first ?? "", said.first == "401")
        },
        Row(name: "renewed session reaches the browser") { site in
            let browser = try signedIn(site)
            guard try browser.ask("/dashboard").setsSession == false else { return ("at once", false) }
            // A third of the idle time.
            try await Task.sleep(for: .seconds(21))
            let isRenewed = try browser.ask("/dashboard").setsSession
            let isRenewedAgain = try browser.ask("/dashboard").setsSession
            return (isRenewed ? "Set-Cookie" : "none", isRenewed && !isRenewedAgain)
        },
        Row(name: "gateway stopped") { site in
            let browser = try signedIn(site)
            kill(site.gateway.id, SIGSTOP)
            defer { kill(site.gateway.id, SIGCONT) }
            // It takes a moment until every thread stands still.
            try await Task.sleep(for: .milliseconds(200))
            let answer = try browser.ask("/stopped", headers: Browser.navigation)
            return ("\(answer.status)", (500...599).contains(answer.status) && site.received("/stopped").isEmpty)
        },
        Row(name: "gateway gone") { site in
            let browser = try signedIn(site)
            kill(site.gateway.id, SIGKILL)
            try await Task.sleep(for: .milliseconds(200))
            let statuses = try ["/gone", "/public/gone", "/sso/session"].map {
                try browser.ask($0, headers: Browser.navigation).status
            }
            let isClosed = site.received("/gone").isEmpty && site.received("/public/gone").isEmpty
            return ("\(statuses[0])", statuses.allSatisfy { (500...599).contains($0) } && isClosed)
        },
    ]

    private static func signedIn(_ site: ProxiedApp) throws -> Browser {
        let browser = Browser(site)
        try browser.signIn(as: Member.ben)
        return browser
    }
}

/// Opens a WebSocket by hand.
enum WebSocketProbe {
    /// The status, and what came behind the head.
    static func open(_ site: ProxiedApp, cookie: String?, upgrade: String = "websocket") throws -> [String] {
        let connection = try RawConnection(port: site.port)
        let cookie = cookie.map { "Cookie: \($0)\r\n" } ?? ""
        connection.send(
            "GET /socket HTTP/1.1\r\nHost: localhost:\(site.port)\r\nConnection: Upgrade\r\nUpgrade: \(upgrade)\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(AppAnswer.webSocketKey)\r\n\(cookie)\r\n")
        var text = ""
        while let piece = connection.receive(patience: 10), !piece.isEmpty {
            text += String(decoding: piece, as: UTF8.self)
            if text.hasSuffix("\r\n\r\nframe") || (text.contains("\r\n\r\n") && !text.hasPrefix("HTTP/1.1 101")) {
                break
            }
        }
        let status = text.split(separator: " ").dropFirst().first.map(String.init) ?? "nothing"
        return [status, text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""]
    }
}

import HTTP
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// What no marketplace and no browser would send.
@Suite struct HostileInputTests {
    static let values = [
        "": "empty", "%": "bare percent", "%z": "no hex", "%00": "NUL", "%0d%0a": "line end", "%ff": "no UTF-8",
        "%c0%af": "overlong", "%ed%a0%80": "surrogate", "%2": "half", "a&X=a": "doubled",
    ]

    @Test func `RT-82, RT-83: every parameter in every bad shape is answered with a page and no session`() async throws
    {
        try await LoginWorld.run { world in
            let port = world.port
            let plain = ["code": "0123", "state": "0123", "mode": "sso", "sso_flow": "0123", "path": "x", "url": "/x"]
            var made = 0
            for name in plain.keys {
                for value in Self.values.keys {
                    // A code that was seen before would lead to a fresh login.
                    made += 1
                    let others = plain.filter { $0.key != name }.map {
                        "\($0.key)=\($0.value)" + ($0.key == "code" ? "\(made)" : "")
                    }
                    let bad = "\(name)=\(value.replacing("X", with: name))"
                    let query = ([bad] + others).joined(separator: "&")
                    let answer = try await RawRequest.get("/sso/callback?\(query)", port: port)
                    #expect(answer.hasPrefix("HTTP/1.1 400"), "\(query): \(answer.prefix(40))")
                    #expect(!answer.contains(TestBrowser.sessionName), "\(query)")
                }
            }
            for name in ["integration", "installation", "rd"] {
                for value in Self.values.keys where !value.isEmpty {
                    let query = "\(name)=\(value.replacing("X", with: name))"
                    let answer = try await RawRequest.get("/sso/start?\(query)", port: port)
                    #expect(answer.hasPrefix("HTTP/1.1 400"), "\(query): \(answer.prefix(40))")
                }
            }
            for query in ["", "?", "?code", "?code=", "?state=x", "?mode=other&code=x", "?error=denied"] {
                let answer = try await RawRequest.get("/sso/callback\(query)", port: port)
                #expect(answer.hasPrefix("HTTP/1.1 400"), "\(query)")
            }
            // None of them can have been exchanged but the ones whose code was whole: and those were made up.
            #expect(world.log.all.allSatisfy { !$0.hasPrefix("login_succeeded") })
            try await world.expectLogin(303)
        }
    }

    @Test(arguments: ["/sso/callback?code=", "/sso/start?rd=/", "/sso/session?", "/authz/nginx?x="])
    func `RT-82: sixty-four kilobytes in a parameter are refused`(_ start: String) async throws {
        try await LoginWorld.run { world in
            let port = world.port
            let answer = try await RawRequest.get(start + String(repeating: "a", count: 65_536), port: port)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(60))")
            try await world.expectLogin(303)
        }
    }

    @Test func `RT-81: a POST of any type or none is answered`() async throws {
        try await LoginWorld.run { world in
            let port = world.port
            let types = ["", "Content-Type: \r\n", "Content-Type: text/plain\r\n", "Content-Type: ;;;=\r\n"]
            for path in ["/sso/switch", "/sso/sign_out", "/sso/callback", "/sso/session", "/authz/nginx", "/"] {
                for type in types {
                    let request =
                        "POST \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(type)Content-Length: 3\r\n\r\na=b"
                    let answer = try await RawRequest.send(Array(request.utf8), port: port)
                    let isAnswered = answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 303")
                    #expect(isAnswered, "\(path) \(type): \(answer.prefix(40))")
                }
            }
        }
    }

    @Test(arguments: [
        "<script>alert(1)</script>", #""><img src=x onerror=alert(1)>"#, "</title><svg onload=alert(1)>",
        "'-alert(1)-'", "{{7*7}}<b>", "<!--", "&lt;script&gt;", "javascript:alert(1)//<a>", "\u{2028}</script>",
    ])
    func `RT-86: a member's name is text on every page`(_ name: String) async throws {
        try await LoginWorld.run {
            $0.integrations[0].installations[0].members[1].name = name
        } _: { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click(LoginWorld.ada))
            let confirmation = try await browser.callBack(world.standIn.click(LoginWorld.ben))
            let ticket = try #require(confirmation.field("ticket"))
            _ = try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch")
            let signOut = try await browser.get("/sso/sign_out")
            let session = try #require(try await browser.session())
            for page in [confirmation, signOut] {
                #expect(page.status == 200)
                #expect(page.body.contains("alert(1)") == name.contains("alert(1)"), "the name is there")
                if name.contains("<") { #expect(!page.body.contains(name)) }
                #expect(!page.body.contains("<script") && !page.body.contains("<svg") && !page.body.contains("<b>"))
                #expect(!page.body.contains("onerror=alert") || !page.body.contains("<img src=x"))
                #expect(
                    page.headers["Content-Security-Policy"]?.hasPrefix("default-src 'none'; style-src 'self'") == true)
            }
            #expect(!session.contains("<"))
        }
    }

    /// RT-88. The app shows the name, so that it gets only what can be seen of it (RT-108).
    @Test(arguments: [
        ("Ada\r\nX-SSO-Role: ADMIN", "Ada  X-SSO-Role: ADMIN"), ("Ada\nSet-Cookie: a=b", "Ada Set-Cookie: a=b"),
        ("Ada\rX", "Ada X"), ("Ada\u{0}X", "AdaX"), ("Zo\u{eb} \u{5c71}\u{7530}", "Zo\u{eb} \u{5c71}\u{7530}"),
        ("Ada\u{85}X", "Ada X"), ("50%", "50%"), ("\u{202e}adA", "adA"), ("Ada\u{7f}", "Ada"),
    ])
    func `a member's name is one line of ASCII in the proxy's header`(_ name: String, _ seen: String) async throws {
        try await LoginWorld.run { plan in
            plan.integrations[0].installations[0].members[1].name = name
        } _: { world in
            let browser = world.browser()
            let login = try await browser.callBack(world.standIn.click(LoginWorld.ben))
            #expect(login.status == 303)
            let cookie = try #require(browser[cookie: TestBrowser.sessionName])
            let answer = try await RawRequest.get(
                "/authz/nginx", port: world.port,
                headers: LoginWorld.original.fields.map { "\($0.name): \($0.value)" }
                    + ["Cookie: \(TestBrowser.sessionName)=\(cookie)"])
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0d || $0 == 0x0a })
            let lines = answer.split(separator: "\r\n")
            #expect(lines.count { $0.lowercased().hasPrefix("x-sso-role:") } == 1)
            #expect(lines.contains("X-SSO-Role: USER"))
            #expect(!lines.contains { $0.hasPrefix("Set-Cookie") })
            let shown = try #require(lines.first { $0.hasPrefix("X-Auth-Request-Preferred-Username: ") })
            #expect(shown.dropFirst(35) == IdentityHeaders.ascii(seen))
        }
    }

    @Test func `RT-108: direction marks reach no page, no program and no app`() async throws {
        try await LoginWorld.run { plan in
            plan.integrations[0].installations[0].members[1].name = "Ben\u{202e}nimda\u{2066}"
            plan.integrations[0].installations[0].members[1].email = "ben\u{202e}@analytical.example"
        } _: { world in
            let browser = world.browser()
            #expect(try await browser.callBack(world.standIn.click(LoginWorld.ben)).status == 303)
            let page = try await browser.get("/sso/sign_out")
            #expect(page.body.contains("<strong>Bennimda</strong>"))
            let session = try await browser.session() ?? ""
            #expect(session.contains("\"name\":\"Bennimda\"") && session.contains("\"email\":\"\""), "\(session)")
            let allowed = try await browser.get("/authz/nginx", headers: LoginWorld.original)
            #expect(allowed.headers["X-Auth-Request-Preferred-Username"] == "Bennimda")
            #expect(allowed.headers["X-Auth-Request-Email"] == "")
            for text in [page.body, session] + allowed.headers.fields.map({ "\($0.value)" }) {
                #expect(!text.contains("\u{202e}") && !text.contains("%E2%80%AE") && !text.contains("202e"))
            }
        }
    }
}

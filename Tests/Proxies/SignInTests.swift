import Foundation
import TestSupport
import Testing

/// A person's way through each proxy.
@Suite(.namesProxy) struct `Signing in behind a proxy` {
    @Test func `a person signs in and reaches the page`() async throws {
        try await ProxiedApp.behindEach { site in
            let browser = Browser(site)
            let turnedAway = try await browser.ask("/reports?year=1843", headers: Browser.navigation)
            #expect(turnedAway.status == 302)
            let start = site.path(turnedAway.header("location"))
            #expect(start == "/sso/start?integration=demo&rd=%2Freports%3Fyear%3D1843")
            #expect(site.app.requests.isEmpty)

            let marketplace = try await browser.ask(start).header("location") ?? ""
            #expect(marketplace.hasPrefix(site.standInURL + "/sso/integrations/acme?sso_flow="))
            let callback = try await browser.ask(marketplace).header("location") ?? ""
            #expect(callback.hasPrefix(site.url + "/sso/callback?mode=sso&code="))
            let signedIn = try await browser.ask(callback)
            #expect(signedIn.status == 303 && signedIn.setsSession)
            #expect(signedIn.header("location") == "/reports?year=1843")

            let page = try await browser.ask("/reports?year=1843", headers: Browser.navigation)
            #expect(page.status == 200 && page.body == "the app's page")
            let seen = try #require(site.received("/reports?year=1843").first).lowercased()
            #expect(seen.contains("\r\nx-auth-request-user: \(Member.ada)\r\n"))
            #expect(seen.contains("\r\nx-sso-role: admin\r\n"))
            #expect(seen.contains("\r\nx-auth-request-preferred-username: ada lovelace\r\n"))
        }
    }

    @Test func `a form that a browser sends without a session is answered with a page at its address`() async throws {
        try await ProxiedApp.behindEach { site in
            let browser = Browser(site)
            let note = "note=" + String(repeating: "x", count: 100_000)
            let answer = try await browser.ask("/reports", headers: Browser.navigation, ["--data", note])
            #expect(answer.status == 401 && answer.header("location") == nil)
            #expect(answer.header("content-type")?.hasPrefix("text/html") == true)
            #expect(answer.header("content-security-policy")?.contains("default-src 'none'") == true)
            #expect(answer.body.contains("What you entered was not sent"))
            #expect(site.app.requests.isEmpty)
            let program = try await browser.ask("/reports", headers: ["Accept: */*"], ["--data", "a=b"])
            #expect(program.status == 401 && program.header("content-type")?.hasPrefix("application/json") == true)
        }
    }

    /// It reads a body before it asks for a page, and would write an endless one to its disk.
    @Test(
        .enabled(if: RealProxy.installed.contains(.nginx), "needs nginx"),
        arguments: [[], ["Transfer-Encoding: chunked"]])
    func `nginx reads no more than a mebibyte of a form without a session`(_ framing: [String]) async throws {
        let folder = try TemporaryFolder()
        let form = try folder.write("form", "note=" + String(repeating: "x", count: 1_100_000))
        try await ProxiedApp.run(behind: .nginx) { site in
            let answer = try await Browser(site).ask(
                "/reports", headers: Browser.navigation + framing, ["--data-binary", "@" + form])
            #expect(answer.status == 413)
            #expect(site.app.requests.isEmpty)
        }
    }

    @Test func `tabs that sign in side by side all arrive where they wanted`() async throws {
        try await ProxiedApp.behindEach { site in
            let browser = Browser(site)
            let pages = (1...5).map { "/tab/\($0)?q=%C3%A9+\($0)" }
            var callbacks: [String] = []
            for page in pages {
                let start = try await browser.ask(page, headers: Browser.navigation).header("location") ?? ""
                let marketplace = try await browser.ask(start).header("location") ?? ""
                callbacks.append(try await browser.ask(marketplace).header("location") ?? "")
            }
            // The last one begun is the first one done.
            for (page, callback) in zip(pages, callbacks).reversed() {
                let answer = try await browser.ask(callback)
                #expect(answer.status == 303 && answer.header("location") == page)
                #expect(try await browser.ask(page, headers: Browser.navigation).status == 200)
            }
        }
    }

    @Test func `a gateway on a socket file gets decision requests, except from Traefik`() async throws {
        try await ProxiedApp.behindEach(.init(isOnSocket: true), but: [.traefik]) { site in
            let ben = Browser(site)
            #expect(try await ben.ask("/dashboard", headers: Browser.navigation).status == 302)
            try await ben.signIn(as: Member.ben)
            #expect(try await ben.ask("/dashboard").status == 200)
            #expect(try await ben.ask("/admin/").status == 403)
            let head = try #require(site.received("/dashboard").first)
            #expect(IdentityHeader.values("x-sso-role", in: head) == ["USER"])
        }
    }

    @Test
    func
        `RT-106 RT-128 over TLS and with a callback of one's own, as in production, with cookies that are the host's alone`()
        async throws
    {
        try await ProxiedApp.behindEach(.init(isSecure: true, callback: "/auth/vercel")) { site in
            let browser = Browser(site)
            let start = try await browser.ask("/reports?a=b", headers: Browser.navigation).header("location") ?? ""
            let marketplace = try await browser.ask(start).header("location") ?? ""
            let callback = try await browser.ask(marketplace).header("location") ?? ""
            #expect(callback.hasPrefix(site.url + "/auth/vercel?"))
            let signedIn = try await browser.ask(callback)
            #expect(signedIn.status == 303 && signedIn.header("location") == "/reports?a=b" && signedIn.setsSession)
            for cookie in signedIn.headers.filter({ $0.name == "set-cookie" }) {
                #expect(cookie.value.hasPrefix("__Host-") && cookie.value.hasSuffix("; Secure"))
            }
            #expect(try await browser.ask("/reports?a=b").status == 200)
            let head = try #require(site.received("/reports?a=b").first)
            #expect(IdentityHeader.values("x-sso-role", in: head) == ["ADMIN"])
            #expect(head.lowercased().contains("\r\nx-forwarded-proto: https\r\n"))
            #expect(try await Browser(site).ask("/api").status == 401)
        }
    }

    @Test(.enabled(if: RealProxy.installed.contains(.nginx), "needs nginx"))
    func `nginx may go on asking oauth2-proxy's address`() async throws {
        let edit: @Sendable (String) -> String = { $0.replacing("/authz/nginx", with: "/oauth2/auth") }
        try await ProxiedApp.run(behind: .nginx, .init(edit: edit)) { site in
            let ben = Browser(site)
            let start = try await ben.ask("/dashboard", headers: Browser.navigation).header("location") ?? ""
            #expect(start.hasPrefix("/sso/start?"))
            #expect(try await ben.ask("/api").status == 401)
            try await ben.signIn(as: Member.ben)
            #expect(try await ben.ask("/dashboard").status == 200)
            #expect(try await ben.ask("/admin/").status == 403)
            let head = try #require(site.received("/dashboard").first)
            #expect(IdentityHeader.values("x-auth-request-user", in: head) == [Member.ben])
        }
    }

    /// Paths that Traefik normalizes before its decision request.
    private static let spelledAnew = ["%7E", "%c3", ";y"]

    private static let exact = [
        "/a?b=c&d=%2F%5c%00%0A+x;y?z", "/%7Euser/b%20c?q=a+b%20c&e=&&=", "/%C3%A9t%c3%a9?%C3%A9=%ff", "/a;v=1,2:3@4?x",
        "/!$&'()*+=~_-.?/../%2e%2e//", "/a?rd=https://evil.test/&url=//evil.test", "/a?%zz=%", "/a/?",
        "/" + String(repeating: "a", count: 900) + "?b",
    ]

    @Test func `path and query come home byte for byte`() async throws {
        try await ProxiedApp.behindEach { site in
            for target in Self.exact where site.proxy != .traefik || !Self.spelledAnew.contains(where: target.contains)
            {
                let browser = Browser(site)
                let start = site.path(try await browser.ask(target, headers: Browser.navigation).header("location"))
                #expect(start.hasPrefix("/sso/start?"), "\(target): \(start)")
                let marketplace = try await browser.ask(start).header("location") ?? ""
                let callback = try await browser.ask(marketplace).header("location") ?? ""
                let home = try await browser.ask(callback).header("location")
                #expect(home == target)
                #expect(try await browser.ask(target).status == 200, "\(target)")
                #expect(site.received(target).count == 1, "\(target)")
            }
        }
    }

    @Test func `RT-40 nothing of the address is sent to the browser as a header`() async throws {
        try await ProxiedApp.behindEach { site in
            for target in ["/a?%0d%0aSet-Cookie:%20x=y", "/a?b%0aX-SSO-Role:ADMIN", "/a%20b?\u{e9}"] {
                let answer = try await Browser(site).ask(target, headers: Browser.navigation)
                #expect(answer.header("set-cookie") == nil && answer.header("x-sso-role") == nil, "\(target)")
            }
        }
    }

    @Test func `a read-only member gets 403 under a rule for administrators`() async throws {
        try await ProxiedApp.behindEach { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            for path in ["/admin", "/admin/", "/admin/users", "/%61dmin/users", "/admin?x=/public/"] {
                let page = try await ben.ask(path, headers: Browser.navigation)
                #expect(page.status == 403 && page.body.contains("You do not have access to this page"), "\(path)")
                #expect(page.header("content-type")?.hasPrefix("text/html") == true)
                #expect(page.header("content-security-policy")?.contains("default-src 'none'") == true)
                let program = try await ben.ask(path, headers: ["Accept: */*"])
                #expect(program.status == 403 && program.header("content-type")?.hasPrefix("application/json") == true)
            }
            let form = try await ben.ask("/admin/users", headers: Browser.navigation, ["--data", "a=b"])
            #expect(form.status == 403 && form.body.contains("You do not have access to this page"))
            #expect(try await ben.ask("/dashboard").status == 200)
            let ada = Browser(site)
            try await ada.signIn(as: Member.ada)
            #expect(try await ada.ask("/admin/users").status == 200)
            #expect(site.received("/admin/users").count == 1)
        }
    }

    @Test(arguments: ["remote", "forwarded"])
    func `the other header families reach the app too, without the client's values`(family: String) async throws {
        try await ProxiedApp.behindEach(.init(headers: family)) { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            let prefix = family == "remote" ? "Remote" : "X-Forwarded"
            let forged = [
                "Remote-User: root", "X-Forwarded-User: root", "X-Auth-Request-User: root", "Remote_User: root",
            ]
            #expect(try await ben.ask("/who", headers: forged + ["X.Forwarded.User: root"]).status == 200)
            let head = try #require(site.received("/who").first)
            #expect(IdentityHeader.values("\(prefix)-User".lowercased(), in: head) == [Member.ben])
            #expect(!head.contains("root"), "\(head)")
            #expect(try await Browser(site).ask("/public/who", headers: forged).status == 200)
            let open = try #require(site.received("/public/who").first)
            #expect(!open.contains("root"), "\(open)")
        }
    }
}

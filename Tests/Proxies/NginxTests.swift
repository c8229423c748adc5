import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/nginx"), "needs Debian's nginx"))
struct `Behind nginx` {
    @Test func `a person signs in and reaches the page`() async throws {
        try await ProxiedApp.run { site in
            let browser = Browser(site)
            let turnedAway = try browser.ask("/reports?year=1843", headers: Browser.navigation)
            #expect(turnedAway.status == 302)
            let start = try #require(turnedAway.header("location"))
            #expect(start == "/sso/start?integration=demo&rd=%2Freports%3Fyear%3D1843")
            #expect(site.app.requests.isEmpty)

            let marketplace = try browser.ask(start).header("location") ?? ""
            #expect(marketplace.hasPrefix(site.standInURL + "/sso/integrations/acme?sso_flow="))
            let callback = try browser.ask(marketplace).header("location") ?? ""
            #expect(callback.hasPrefix(site.url + "/sso/callback?mode=sso&code="))
            let signedIn = try browser.ask(callback)
            #expect(signedIn.status == 303 && signedIn.setsSession)
            #expect(signedIn.header("location") == "/reports?year=1843")

            let page = try browser.ask("/reports?year=1843", headers: Browser.navigation)
            #expect(page.status == 200 && page.body == "the app's page")
            let seen = try #require(site.received("/reports?year=1843").first).lowercased()
            #expect(seen.contains("\r\nx-auth-request-user: \(Member.ada)\r\n"))
            #expect(seen.contains("\r\nx-sso-role: admin\r\n"))
            #expect(seen.contains("\r\nx-auth-request-preferred-username: ada lovelace\r\n"))
        }
    }

    @Test func `a program that is not signed in gets 401 in JSON`() async throws {
        try await ProxiedApp.run { site in
            for headers in [
                ["Accept: application/json"], ["Accept: text/html", "X-Requested-With: XMLHttpRequest"], [],
            ] {
                let answer = try Browser(site).ask("/api", headers: headers)
                #expect(answer.status == 401 && answer.header("location") == nil)
                #expect(answer.header("content-type") == "application/json")
                #expect(answer.body.contains(#""code":"not_signed_in""#))
            }
            #expect(site.app.requests.isEmpty)
        }
    }

    @Test func `a read-only member gets 403 where administrators pass`() async throws {
        try await ProxiedApp.run { site in
            let ben = Browser(site)
            try ben.signIn(as: Member.ben)
            for path in ["/admin", "/admin/", "/admin/users", "/%61dmin/users"] {
                #expect(try ben.ask(path, headers: Browser.navigation).status == 403, "\(path)")
            }
            #expect(try ben.ask("/dashboard").status == 200)
            let ada = Browser(site)
            try ada.signIn(as: Member.ada)
            #expect(try ada.ask("/admin/users").status == 200)
            #expect(site.received("/admin/users").count == 1)
        }
    }

    @Test func `a body passes to the app and not to the gateway`() async throws {
        try await ProxiedApp.run { site in
            let browser = Browser(site)
            try browser.signIn()
            // Longer than the gateway takes.
            let body = String(repeating: "engine ", count: 12_000)
            let file = site.directory + "/body"
            try body.write(toFile: file, atomically: false, encoding: .utf8)
            let answer = try browser.ask("/notes", ["--data-binary", "@" + file])
            #expect(answer.status == 200)
            let seen = try #require(site.received("/notes").first)
            #expect(seen.hasPrefix("POST ") && seen.hasSuffix("\r\n\r\n" + body))
        }
    }

    @Test func `a page for anyone passes without an identity`() async throws {
        try await ProxiedApp.run { site in
            let answer = try Browser(site).ask("/public/", headers: ["X-Auth-Request-User: root", "X-SSO-Role: ADMIN"])
            #expect(answer.status == 200)
            #expect(IdentityHeader.names(in: try #require(site.received("/public/").first)).isEmpty)
        }
    }

    @Test func `a renewed session reaches the browser`() async throws {
        try await ProxiedApp.run(idle: "1m") { site in
            let browser = Browser(site)
            try browser.signIn()
            #expect(try browser.ask("/dashboard").setsSession == false)
            // A third of the idle time.
            try await Task.sleep(for: .seconds(21))
            #expect(try browser.ask("/dashboard").setsSession)
            #expect(try browser.ask("/dashboard").setsSession == false)
        }
    }

    @Test func `without a gateway nobody passes`() async throws {
        try await ProxiedApp.run { site in
            let browser = Browser(site)
            try browser.signIn()
            #expect(try browser.ask("/dashboard").status == 200)
            kill(site.gateway.id, SIGKILL)
            try await Task.sleep(for: .milliseconds(200))
            for path in ["/dashboard", "/public/", "/sso/session"] {
                #expect((500...599).contains(try browser.ask(path, headers: Browser.navigation).status), "\(path)")
            }
            #expect(site.app.requests.count == 1)
        }
    }
}

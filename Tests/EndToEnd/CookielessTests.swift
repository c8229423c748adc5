import CurlHTTPClient
import HTTP
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// RT-119: a browser that sends back no cookie.
@Suite struct CookielessTests {
    @Test func `RT-119: eight rounds without cookies end before the first exchange`() async throws {
        try await LoginWorld.run { world in
            for _ in 0..<8 {
                // Each round is a new jar: nothing is kept.
                let marketplace = try await world.browser().get("/sso/start?rd=/reports").location
                let callback = try await world.browser().get(marketplace).location
                let page = try await world.browser().get(callback)
                #expect(page.status == 400 && page.title == "Your browser did not send our cookie back")
                #expect(page.session == nil && page.body.contains("ten minutes"))
            }
            #expect(world.standIn.counters.exchanges == 0)
            #expect(world.log.all.count { $0.contains("outcome=cookies_blocked") } == 8)
            #expect(try await metric("cookies_blocked", world) == 8)
        }
    }

    @Test func `RT-119: where another cookie of ours comes the login goes on without its flow`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let marketplace = try await browser.get("/sso/start?rd=/reports").location
            let callback = try await browser.get(marketplace).location
            for name in browser.cookieNames { browser[cookie: name] = nil }
            browser[cookie: "__Host-sso_failures"] = "of-an-earlier-ring"
            let landed = try await browser.get(callback)
            #expect(landed.status == 303 && landed.location == "/dashboard" && landed.session != nil)
        }
    }

    @Test func `RT-119: another program's cookie proves nothing, and a click in the marketplace needs none`()
        async throws
    {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let marketplace = try await browser.get("/sso/start").location
            let callback = try await browser.get(marketplace).location
            let other = world.browser()
            other[cookie: "theme"] = "dark"
            other[cookie: "sso_session"] = "x"
            #expect(try await other.get(callback).status == 400)
            // The browser that began it.
            #expect(try await browser.get(callback).status == 303)
            #expect(try await other.callBack(world.standIn.click()).status == 303)
        }
    }

    private func metric(_ outcome: String, _ world: LoginWorld) async throws -> Int {
        let answer = try await world.client.send(
            HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
        let line = (answer.body.exposedText?.string ?? "").split(separator: "\n").first {
            $0.hasPrefix("sso_gateway_logins_total{outcome=\"\(outcome)\"}")
        }
        return line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? -1
    }
}

import HTTP
import Testing

@testable import ProviderStandIn
@testable import sso_gateway

@Suite struct LoginTests {
    @Test func `a click in the marketplace ends on the app's page as that member`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let landed = try await browser.open(
                world.standIn.url + "/sso/integrations/acme?user=\(LoginWorld.ben)&path=billing")
            #expect(landed.status == 303)
            #expect(landed.location == "/billing")
            let session = try #require(try await browser.session())
            #expect(session.contains(#""user_id":"\#(LoginWorld.ben)""#))
            #expect(session.contains(#""role":"USER""#))
            #expect(world.log.all.contains { $0.hasPrefix("login_succeeded") && $0.contains(LoginWorld.ben) })
            #expect(world.standIn.counters.exchanges == 1)
        }
    }

    @Test func `a login that began at the app ends where it began`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let landed = try await browser.open("/sso/start?rd=/reports/7%3Fyear%3D2026")
            #expect(landed.location == "/reports/7?year=2026")
            #expect(try await browser.session() != nil)
            #expect(!browser.cookieNames.contains { $0.contains("flow") })
        }
    }

    @Test func `only the proxy gets the identity`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click())
            let decision = try await browser.get("/authz/nginx", headers: LoginWorld.original)
            #expect(decision.status == 200)
            #expect(decision.headers["X-Auth-Request-User"] == LoginWorld.ada)
            #expect(decision.headers["X-SSO-Role"] == "ADMIN")
            let stranger = try await world.browser().get("/authz/nginx", headers: LoginWorld.original)
            #expect(stranger.status == 401)
            #expect(stranger.headers["X-Auth-Request-User"] == nil)
        }
    }
}

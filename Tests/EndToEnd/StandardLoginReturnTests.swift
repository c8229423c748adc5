import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Callbacks of standard logins that come again, or too early.
@Suite struct StandardLoginReturnTests {
    @Test func `a finished login that is opened again leads to the page, and is no failure`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            #expect(try await browser.get(login.answer).status == 303)
            for _ in 0..<4 {
                let again = try await browser.get(login.answer)
                #expect(again.status == 303 && again.location == "/dashboard")
            }
            #expect(world.lastFailure.isEmpty && world.standIn.counters.exchanges == 1)
        }
    }

    @Test func `RT-133: a standard login that met no keys can be finished by a reload`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser, "resource_id=db_engine")
            world.standIn.fail(.jwks500)
            #expect(try await browser.get(login.answer).status == 503)
            world.standIn.fail(.none)
            world.plan.clock.advance(by: 31)
            let finished = try await browser.get(login.answer)
            #expect(finished.session != nil && finished.location == "/resources/db_engine")
        }
    }

    @Test func `a standard login's code is spent at the other callback at once`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            #expect(try await browser.get(login.answer).status == 303)
            let began = ContinuousClock.now
            let other = try await world.browser().get("/sso/callback?mode=sso&code=\(login.code)")
            #expect(other.session == nil && ContinuousClock.now - began < .seconds(15))
            #expect(world.standIn.counters.exchanges == 1)
        }
    }

    @Test func `a code cannot be the name of a state`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            for code in ["oidc%20state%20\(login.state)", "state%20\(login.state)", "%01state%20\(login.state)"] {
                _ = try await world.browser().get("/sso/callback?mode=sso&code=\(code)")
            }
            #expect(try await browser.get(login.answer).session != nil)
        }
    }
}

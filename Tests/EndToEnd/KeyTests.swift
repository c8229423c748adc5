import HTTP
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// The marketplace's keys: changed, unknown, out of reach.
@Suite struct KeyTests {
    @Test func `a key rotation fails no login`() async throws {
        try await LoginWorld.run { world in
            try await world.expectLogin(303)
            world.standIn.standIn.rotateKeys()
            try await world.expectLogin(303)
            // The next one signs with a key that the gateway has not seen yet.
            world.standIn.standIn.rotateKeys()
            world.plan.clock.advance(by: 31)
            try await world.expectLogin(303)
            #expect(world.standIn.counters.keyFetches == 2)
        }
    }

    @Test func `RT-71: five hundred logins meet a rotation, and each succeeds`() async throws {
        try await LoginWorld.run { world in
            try await world.expectLogin(303)
            world.standIn.standIn.rotateKeys()
            world.standIn.standIn.rotateKeys()
            world.plan.clock.advance(by: 31)
            let answers = try await ConcurrencyTests.atOnce(500) { _ in
                try await world.browser().callBack(world.standIn.click())
            }
            let failed = answers.filter { $0.status != 303 }.map(\.title)
            #expect(failed.isEmpty, "\(failed.count): \(Set(failed))")
            #expect(world.standIn.counters.keyFetches == 2)
        }
    }

    @Test func `RT-71: a rotation during an outage of the keys signs no one in, with one fetch`() async throws {
        try await LoginWorld.run { world in
            try await world.expectLogin(303)
            world.standIn.standIn.rotateKeys()
            world.standIn.standIn.rotateKeys()
            world.plan.clock.advance(by: 31)
            world.standIn.fail(.jwks500)
            let answers = try await ConcurrencyTests.atOnce(100) { _ in
                try await world.browser().callBack(world.standIn.click())
            }
            #expect(answers.allSatisfy { [403, 503].contains($0.status) && $0.session == nil })
            #expect(world.standIn.counters.keyFetches == 2)
        }
    }

    @Test func `RT-72: any number of unknown keys causes one fetch in half a minute`() async throws {
        try await LoginWorld.run { world in
            try await world.expectLogin(303)
            world.standIn.fail(.unknownKid)
            world.plan.clock.advance(by: 31)
            let answers = try await ConcurrencyTests.atOnce(200) { _ in
                try await world.browser().callBack(world.standIn.click())
            }
            #expect(answers.allSatisfy { $0.status == 403 && $0.title == "We could not confirm who you are" })
            #expect(world.standIn.counters.keyFetches == 2)
        }
    }

    @Test func `without keys no login succeeds, and sessions continue`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click())
            let cookie = browser[cookie: TestBrowser.sessionName]
            world.standIn.fail(.jwks500)
            // The same gateway started again: the key ring is the same, the keys have to be fetched.
            try await LoginWorld.run(on: world.standIn, world.plan) { again in
                let refused = try await again.browser().callBack(world.standIn.click())
                #expect(refused.status == 503)
                #expect(refused.title == "Sign-in cannot be checked right now")
                let known = again.browser()
                known[cookie: TestBrowser.sessionName] = cookie
                #expect(try await known.session()?.contains(LoginWorld.ada) == true)
                #expect(try await known.get("/authz/nginx", headers: LoginWorld.original).status == 200)
            }
        }
    }

    @Test func `RT-133: while there are no keys no code is spent, and no attempt`() async throws {
        try await LoginWorld.run { world in
            world.standIn.fail(.jwks500)
            let query = world.standIn.click()
            for _ in 0..<25 {
                let refused = try await world.browser().callBack(query)
                #expect(refused.status == 503 && refused.title == LoginFailure.keysUnavailable.title)
            }
            #expect(world.standIn.counters.exchanges == 0 && world.standIn.counters.keyFetches == 1)
            world.standIn.fail(.none)
            world.plan.clock.advance(by: 31)
            #expect(try await world.browser().callBack(query).session != nil)
        }
    }

    /// The failure took the cookie of the flow away, so a reload ended elsewhere, or on the page about cookies.
    @Test func `RT-133: a login that met no keys can be finished by a reload, at its page`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let marketplace = try await browser.get("/sso/start?rd=/reports%3Funit%3Dms").location
            let callback = try await browser.get(marketplace).location
            world.standIn.fail(.jwks500)
            #expect(try await browser.get(callback).status == 503)
            world.standIn.fail(.none)
            world.plan.clock.advance(by: 31)
            let finished = try await browser.get(callback)
            #expect(finished.session != nil && finished.location == "/reports?unit=ms")
        }
    }

    @Test func `keys that are too old are used on while no newer ones can be had`() async throws {
        try await LoginWorld.run { world in
            try await world.expectLogin(303)
            world.standIn.fail(.jwks500)
            world.plan.clock.advance(by: 700)
            try await world.expectLogin(303)
            #expect(world.standIn.counters.keyFetches == 2)
            // A day later they are not.
            world.plan.clock.advance(by: 86_400)
            try await world.expectLogin(503)
        }
    }

    @Test func `sessions go on while the marketplace is gone`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click())
            let query = world.standIn.click()
            await world.standIn.stop()
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
            #expect(try await browser.get("/authz/nginx", headers: LoginWorld.original).status == 200)
            let other = try await world.browser().callBack(query)
            #expect(other.status == 502)
            #expect(other.title == "The marketplace did not answer properly")
        }
    }
}

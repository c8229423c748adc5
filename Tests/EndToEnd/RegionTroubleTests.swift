import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Hand-overs of browsers that click twice, come late, lose cookies or go in circles, and of members who were removed.
@Suite struct RegionTroubleTests {
    @Test func `a double click signs in once, at each step`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let callback = "/sso/callback?" + world.standIn.click()
            async let first = browser.get(callback)
            async let second = browser.get(callback)
            let toVisit = try #require(try await [first, second].map(\.location).first { $0.contains("/visit?") })
            #expect(world.standIn.counters.exchanges == 1)
            let toTicket = try await browser.get(toVisit).location
            let toArrival = try await browser.get(toTicket).location
            async let one = browser.get(toArrival)
            async let other = browser.get(toArrival)
            let answers = try await [one, other]
            #expect(answers.contains { $0.status == 303 && $0.session != nil })
            #expect(world.eu.log.all.filter { $0.hasPrefix("login_succeeded") }.count == 1)
        }
    }

    /// The receiving region has heard of the removal, the home has not.
    @Test(arguments: [true, false])
    func `a member or an installation that either region knows to be removed stays out`(isInstallation: Bool)
        async throws
    {
        try await RegionWorld.run {
            $0.homes = [RegionWorld.installation: "eu"]
        } _: { world in
            let type = isInstallation ? "integration-configuration.removed" : "marketplace.member.changed"
            let payload =
                isInstallation
                ? #"{"configuration":{"id":"\#(RegionWorld.installation)"}}"#
                : #"{"installationId":"\#(RegionWorld.installation)","memberId":"\#(LoginWorld.ada)","role":"NONE"}"#
            let browser = world.browser()
            let click = world.standIn.click()
            try await world.sendWebhook(to: world.us, type: type, payload: payload)
            let answer = try await browser.callBack(click)
            #expect(answer.status == 403 && answer.title == LoginFailure.accessRemoved.title)
        }
    }

    /// The member uses all the time that a hand-over has, and the look-up gives no answer.
    @Test func `a removal during the hand-over holds`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let toVisit = try await browser.callBack(world.standIn.click()).location
            try await world.sendWebhook(
                to: world.eu, type: "marketplace.member.changed",
                payload:
                    #"{"installationId":"\#(RegionWorld.installation)","memberId":"\#(LoginWorld.ada)","role":"NONE"}"#)
            world.standIn.fail(.member500)
            for region in [world.us, world.eu] { region.clock.advance(by: 59) }
            let toTicket = try await browser.get(toVisit).location
            let toArrival = try await browser.get(toTicket).location
            for region in [world.us, world.eu] { region.clock.advance(by: 59) }
            let answer = try await browser.get(toArrival)
            #expect(answer.status == 403 && answer.session == nil)
        }
    }

    @Test func `hand-overs use up no attempts, and are no loop`() async throws {
        try await RegionWorld.run { world in
            for _ in 0..<25 {
                let answer = try await world.browser().open(
                    LoginWorld.origin + "/sso/callback?" + world.standIn.click())
                #expect(answer.status == 303)
            }
            let browser = world.browser()
            for _ in 0..<5 {
                let answer = try await browser.open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
                #expect(answer.status == 303)
            }
            #expect(try await browser.get(world.eu.origin + "/sso/start").status == 303)
        }
    }

    @Test func `a browser that loses each session is stopped where it begins`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            var statuses: [Int] = []
            for _ in 0..<4 {
                statuses.append(try await browser.open(LoginWorld.origin + "/sso/start?rd=/reports").status)
            }
            #expect(statuses == [303, 303, 303, 200])
        }
    }

    @Test func `a browser without cookies gets the page about cookies`() async throws {
        try await RegionWorld.run { world in
            let toVisit = try await world.browser().callBack(world.standIn.click()).location
            let toTicket = try await world.browser().get(toVisit).location
            let answer = try await world.browser().get(toTicket)
            #expect(answer.status == 400 && answer.title == LoginFailure.cookiesBlocked.title)
            // Here the token tells that the flow began in this region.
            let start = try await world.browser().get(world.us.origin + "/sso/start").location
            #expect(start.contains("sso_flow="))
        }
    }
}

import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// RT-111: sessions and revocations while the clock is wrong, and after it was set right.
@Suite struct ClockTests {
    static let installation = "icfg_AcmeAnalyticalEngines001"
    static let scopes = [
        #"{"all":true}"#, #"{"installation":"\#(installation)"}"#,
        #"{"installation":"\#(installation)","member":"\#(LoginWorld.ada)"}"#,
    ]

    func signIn(_ world: LoginWorld) async throws -> TestBrowser {
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click())
        try #require(answer.status == 303, "\(answer.title)")
        return browser
    }

    func decide(_ browser: TestBrowser) async throws -> Int {
        try await browser.get("/authz/nginx", headers: LoginWorld.original).status
    }

    func revoke(_ scope: String, _ world: LoginWorld) async throws {
        let answer = try await world.administer(.post, "/admin/sessions/revoke", body: scope)
        #expect(answer.status == .ok)
    }

    @Test(arguments: scopes, [-3600, -86_400 * 2] as [Int64])
    func `RT-111: revoked while the clock was ahead, the next login holds at once and can be revoked`(
        _ scope: String, _ back: Int64
    ) async throws {
        try await LoginWorld.run { world in
            world.plan.clock.stop()
            world.plan.clock.advance(by: -back)
            let old = try await signIn(world)
            try await revoke(scope, world)
            #expect(try await decide(old) == 401)
            world.plan.clock.advance(by: back)
            for _ in 0..<3 {
                let new = try await signIn(world)
                #expect(try await decide(new) == 200)
                #expect(try await decide(old) == 401)
                try await revoke(scope, world)
                #expect(try await decide(new) == 401)
                // The clock moves on.
                world.plan.clock.advance(by: 1)
            }
        }
    }

    @Test func `RT-111: a revocation of all covers a session that one of a member put ahead of the clock`() async throws
    {
        for (first, second) in [(2, 1), (2, 0), (1, 0)] {
            try await LoginWorld.run { world in
                world.plan.clock.stop()
                world.plan.clock.advance(by: 3600)
                try await revoke(Self.scopes[first], world)
                world.plan.clock.advance(by: -3600)
                let ada = try await signIn(world)
                #expect(try await decide(ada) == 200)
                try await revoke(Self.scopes[second], world)
                #expect(try await decide(ada) == 401)
                #expect(try await decide(try await signIn(world)) == 200)
            }
        }
    }

    @Test(arguments: scopes) func `RT-111: a login in the second of a revocation holds at once`(_ scope: String)
        async throws
    {
        try await LoginWorld.run { world in
            world.plan.clock.stop()
            for _ in 0..<4 {
                let ada = try await signIn(world)
                #expect(try await decide(ada) == 200)
                try await revoke(scope, world)
                #expect(try await decide(ada) == 401)
            }
        }
    }

    /// A small step back leaves sessions ahead of the clock that still hold.
    @Test(arguments: scopes + ["webhook", "look-up"], [1, 60, LiveStore.skew])
    func `RT-111: a revocation covers what was issued before the clock was set back a little`(
        _ scope: String, _ back: Int64
    ) async throws {
        try await LoginWorld.run {
            // Every decision looks the member up.
            $0.members.maximumAge = scope == "look-up" ? -1000 : 3600
        } _: { world in
            world.plan.clock.stop()
            world.plan.clock.advance(by: back)
            let ada = try await signIn(world)
            world.plan.clock.advance(by: -back)
            #expect(try await decide(ada) == 200)
            switch scope {
            case "webhook":
                let body = """
                    {"id":"evt_1","type":"marketplace.member.changed","createdAt":\(world.plan.clock.seconds() * 1000),\
                    "payload":{"installationId":"\(Self.installation)","memberId":"\(LoginWorld.ada)","role":"NONE"}}
                    """
                let signature = WebhookMessage.signature(of: body, secret: "stand-in-client-secret")
                #expect(try await WebhookMessage.post(body, ["X-Vercel-Signature": signature], world) == 200)
            case "look-up":
                // A look-up for another browser's session ends this one too.
                let newer = try await signIn(world)
                world.standIn.fail(.member404)
                #expect(try await decide(newer) == 401)
                world.standIn.fail(.none)
                #expect(try await decide(ada) == 401)
                // Also ahead of the clock, as another revocation leaves sessions.
                let other = #"{"installation":"\#(Self.installation)","member":"\#(LoginWorld.ada)"}"#
                try await revoke(other, world)
                let again = try await signIn(world)
                #expect(try await decide(again) == 200)
                world.standIn.fail(.member404)
                #expect(try await decide(again) == 401)
                world.standIn.fail(.none)
            default: try await revoke(scope, world)
            }
            #expect(try await decide(ada) == 401)
            #expect(try await decide(try await signIn(world)) == 200)
        }
    }

    @Test func `RT-111: a revocation covers what another process issued ahead of the clock a moment ago`() async throws
    {
        let folder = try TemporaryFolder()
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        var plan = LoginWorld.Plan()
        plan.store = .sqlite(folder.path("gateway.db"))
        plan.clock.stop()
        try await LoginWorld.run(on: standIn, plan) { one in
            try await LoginWorld.run(on: standIn, plan) { other in
                for _ in 0..<5 {
                    try await revoke(Self.scopes[2], one)
                    let ada = try await signIn(one)
                    #expect(try await decide(ada) == 200)
                    try await revoke(Self.scopes[0], other)
                    // Half a minute at most: the gateways read what others wrote four times a second.
                    for _ in 0..<600 where try await decide(ada) == 200 { try await Task.sleep(for: .milliseconds(50)) }
                    #expect(try await decide(ada) == 401)
                }
            }
        }
        await standIn.stop()
    }

    @Test func `RT-111: a session from tomorrow is refused once the clock is set right`() async throws {
        try await LoginWorld.run { world in
            for ahead: Int64 in [LiveStore.skew + 61, 3600, 25 * 3600] {
                world.plan.clock.advance(by: ahead)
                let ada = try await signIn(world)
                #expect(try await decide(ada) == 200)
                world.plan.clock.advance(by: -ahead)
                #expect(try await decide(ada) == 401, "\(ahead)")
                #expect(try await ada.session() == nil)
                // Clocks that differ a little are ordinary.
                world.plan.clock.advance(by: ahead - 120)
                #expect(try await decide(ada) == 200, "\(ahead)")
                world.plan.clock.advance(by: 120 - ahead)
            }
        }
    }

    /// It refused the session and only cleared the cookie: a copy was still good where the clock was right.
    @Test func `RT-111: a sign-out at a wrong clock ends the session at every clock`() async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            let session = try #require(ada[cookie: TestBrowser.sessionName])
            world.plan.clock.advance(by: -300)
            #expect(try await decide(ada) == 401)
            #expect(try await ada.post("/sso/sign_out", "").status == 303)
            world.plan.clock.advance(by: 300)
            ada[cookie: TestBrowser.sessionName] = session
            #expect(try await decide(ada) == 401)
        }
    }

    @Test func `RT-111: a session renewed tomorrow is refused once the clock is set right`() async throws {
        try await LoginWorld.run {
            $0.session = SessionLifetimes(idle: 86_400, absolute: 7 * 86_400)
        } _: { world in
            let ada = try await signIn(world)
            world.plan.clock.advance(by: 40_000)
            let renewed = try await ada.get("/sso/session")
            #expect(renewed.session != nil)
            world.plan.clock.advance(by: -40_000)
            #expect(try await decide(ada) == 401)
        }
    }

    /// What one process revoked ahead of the clock, another that shares the store and one that starts later outlive.
    @Test func `RT-111: a gateway that shares the store, or starts later, signs in behind the revocation`() async throws
    {
        let folder = try TemporaryFolder()
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        var (wrong, right) = (LoginWorld.Plan(), LoginWorld.Plan())
        wrong.store = .sqlite(folder.path("gateway.db"))
        (right.store, right.ring) = (wrong.store, wrong.ring)
        wrong.clock = TestClock()
        right.clock = TestClock()
        wrong.clock.advance(by: 3600)
        try await LoginWorld.run(on: standIn, right) { other in
            try await LoginWorld.run(on: standIn, wrong) { world in try await revoke(Self.scopes[0], world) }
            try await Task.sleep(for: .seconds(1))
            let ada = try await signIn(other)
            #expect(try await decide(ada) == 200)
            try await LoginWorld.run(on: standIn, right) { later async throws in
                let there = later.browser()
                there[cookie: TestBrowser.sessionName] = ada[cookie: TestBrowser.sessionName]
                #expect(try await decide(there) == 200)
                #expect(try await decide(try await signIn(later)) == 200)
                try await revoke(Self.scopes[1], later)
                #expect(try await decide(there) == 401)
            }
        }
        await standIn.stop()
    }
}

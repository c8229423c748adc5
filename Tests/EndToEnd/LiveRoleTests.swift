import HTTP
import Locking
import Marketplace
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// How new a role is when a decision uses it.
@Suite struct LiveRoleTests {
    private func signIn(_ world: LoginWorld) async throws -> TestBrowser {
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click())
        try #require(answer.status == 303, "\(answer.title)")
        return browser
    }

    private func decide(_ browser: TestBrowser) async throws -> TestBrowser.Answer {
        try await browser.get("/authz/nginx", headers: LoginWorld.original)
    }

    /// Idle time that does not end the session before the role is old.
    private func run(
        _ policy: MemberSettings.WhenUnavailable = .keep, _ body: (LoginWorld) async throws -> Void
    ) async throws {
        try await LoginWorld.run { plan in
            plan.session = SessionLifetimes(idle: 8 * 3600, absolute: 8 * 3600)
            plan.members.whenUnavailable = policy
        } _: {
            try await body($0)
        }
    }

    @Test func `a role past its refresh is used once more and looked up behind the answer`() async throws {
        try await run { world in
            let ada = try await signIn(world)
            let before = world.standIn.counters.memberLookups
            #expect(try await decide(ada).status == 200)
            #expect(world.standIn.counters.memberLookups == before)
            world.standIn.fail(.memberDemoted)
            world.plan.clock.advance(by: 301)
            let stale = try await decide(ada)
            #expect(stale.headers["X-SSO-Role"] == "ADMIN")
            #expect((301..<600).contains(Int(stale.headers["X-SSO-Role-Age"] ?? "") ?? 0))
            let fresh = try await eventually {
                try await decide(ada)
            } until: {
                $0.headers["X-SSO-Role"] == "USER"
            }
            #expect((0..<60).contains(Int(fresh.headers["X-SSO-Role-Age"] ?? "") ?? 99))
            #expect(world.standIn.counters.memberLookups == before + 1)
        }
    }

    /// No webhook came.
    @Test func `RT-58: who may do less at the marketplace may do less here within max_age`() async throws {
        try await LoginWorld.run { plan in
            plan.session = SessionLifetimes(idle: 8 * 3600, absolute: 8 * 3600)
            plan.rules = RuleTable([.init(host: nil, path: "/reports", methods: nil, verdict: .roles([.admin]))])
        } _: { world in
            let ada = try await signIn(world)
            #expect(try await decide(ada).status == 200)
            world.standIn.fail(.memberDemoted)
            world.plan.clock.advance(by: 3601)
            #expect(try await decide(ada).status == 403)
        }
    }

    @Test func `however many ask, one look-up is under way`() async throws {
        try await run { world in
            let ada = try await signIn(world)
            let before = world.standIn.counters.memberLookups
            world.standIn.fail(.memberSlow)
            world.standIn.standIn.state.withLock { $0.delay = 500 }
            world.plan.clock.advance(by: 3601)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await decide(ada).status } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [200])
            #expect(world.standIn.counters.memberLookups == before + 1)
        }
    }

    /// What the marketplace answers to the look-up that a decision waits for, against what the person meets.
    @Test(arguments: [
        (StandInFault.none, 200, 200), (.memberDemoted, 200, 200), (.member404, 401, 401), (.member410, 401, 401),
        (.memberNone, 401, 401), (.member401, 200, 503), (.member403, 200, 503), (.member429, 200, 503),
        (.member500, 200, 503), (.memberGarbage, 200, 503), (.memberOther, 200, 503), (.memberSlow, 200, 503),
    ])
    func `a role past its time is checked before the next answer`(
        _ fault: StandInFault, _ keeping: Int, _ refusing: Int
    ) async throws {
        for (policy, wanted) in [(MemberSettings.WhenUnavailable.keep, keeping), (.refuse, refusing)] {
            try await run(policy) { world in
                let ada = try await signIn(world)
                world.standIn.fail(fault)
                world.plan.clock.advance(by: 3601)
                let answer = try await decide(ada)
                #expect(answer.status == wanted, "\(fault) \(policy)")
                if fault == .memberDemoted { #expect(answer.headers["X-SSO-Role"] == "USER") }
                if wanted == 503 {
                    #expect(world.log.all.contains { $0.hasPrefix("member_lookup_unavailable") })
                    // It ended no session.
                    world.standIn.fail(.none)
                    world.plan.clock.advance(by: RefreshRoles.rest + 1)
                    #expect(try await decide(ada).status == 200)
                }
            }
        }
    }

    /// Two of Ada's browsers and one of Ben's: whom an answer about Ada ends.
    @Test(arguments: [(StandInFault.member404, 401, 200), (.memberNone, 401, 200), (.member410, 401, 401)])
    func `a look-up at a login ends the sessions elsewhere`(_ fault: StandInFault, _ own: Int, _ others: Int)
        async throws
    {
        try await run { world in
            let ada = try await signIn(world)
            let ben = world.browser()
            _ = try await ben.callBack(world.standIn.click(LoginWorld.ben))
            world.standIn.fail(fault)
            try await world.expectLogin(403)
            #expect(try await decide(ada).status == own)
            #expect(try await decide(ben).status == others)
        }
    }

    /// Without a token only a new login updates the role. A decision neither waits nor repeats a page forever.
    @Test func `without a token, a role past its time is a reason to sign in again`() async throws {
        try await LoginWorld.run { plan in
            plan.session = SessionLifetimes(idle: 8 * 3600, absolute: 8 * 3600)
            plan.members.whenUnavailable = .refuse
            plan.hasTokens = false
        } _: { world in
            let ada = try await signIn(world)
            world.plan.clock.advance(by: 3599)
            #expect(try await decide(ada).status == 200)
            world.plan.clock.advance(by: 2)
            // The first of these finds out, the others know.
            for _ in 0..<3 {
                let program = try await decide(ada)
                #expect(program.status == 401 && program.headers["X-SSO-Login"] == nil)
                var navigation = LoginWorld.original
                navigation.append("Sec-Fetch-Mode", "navigate")
                let page = try await ada.get("/authz/nginx", headers: navigation)
                #expect(page.status == 401)
                #expect(page.headers["X-SSO-Login"]?.hasSuffix("&rd=%2Freports") == true)
            }
            #expect(try await ada.open("/sso/start?rd=%2Freports").location == "/reports")
            #expect(try await decide(ada).status == 200)
        }
    }

    /// An outage must not turn every decision into a wait.
    @Test func `while a member rests, decisions are answered at once`() async throws {
        for (policy, wanted) in [(MemberSettings.WhenUnavailable.keep, 200), (.refuse, 503)] {
            try await run(policy) { world in
                let ada = try await signIn(world)
                world.standIn.fail(.memberSlow)
                world.plan.clock.advance(by: 3601)
                #expect(try await decide(ada).status == wanted)
                let began = ContinuousClock.now
                for _ in 0..<10 { #expect(try await decide(ada).status == wanted) }
                // Three seconds for each if each waited for a look-up.
                #expect(ContinuousClock.now - began < .seconds(12))
            }
        }
    }

    @Test func `after a look-up in vain there is a rest`() async throws {
        try await run { world in
            let ada = try await signIn(world)
            world.standIn.fail(.member403)
            world.plan.clock.advance(by: 3601)
            let before = world.standIn.counters.memberLookups
            for _ in 0..<20 { #expect(try await decide(ada).status == 200) }
            #expect(world.standIn.counters.memberLookups == before + 1)
        }
    }

    /// Repeats the request until the answer fits, for half a minute at most.
    private func eventually(
        _ ask: () async throws -> TestBrowser.Answer, until fits: (TestBrowser.Answer) -> Bool
    ) async throws -> TestBrowser.Answer {
        var answer = try await ask()
        for _ in 0..<600 where !fits(answer) {
            try await Task.sleep(for: .milliseconds(50))
            answer = try await ask()
        }
        #expect(fits(answer))
        return answer
    }
}

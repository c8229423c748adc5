import HTTP
import Locking
import PostgreSQLClient
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// A store that several gateways share.
enum SharedStore: CaseIterable, Sendable {
    case sqlite, postgreSQL

    func with<Result>(_ body: (StoreSetting) async throws -> Result) async throws -> Result {
        switch self {
        case .sqlite:
            let folder = try TemporaryFolder()
            return try await body(.sqlite(folder.path("gateway.db")))
        case .postgreSQL:
            let address = try PostgreSQLAddress(PostgreSQLServer.shared.get().database())
            return try await body(.postgreSQL(address, passwordFile: nil))
        }
    }
}

/// Two gateways with one key ring and one store, as behind a load balancer.
@Suite struct SharedStoreTests {
    private func run(_ store: SharedStore, _ body: (LoginWorld, LoginWorld) async throws -> Void) async throws {
        try await store.with { try await run($0, body) }
    }

    private func run(_ store: StoreSetting, _ body: (LoginWorld, LoginWorld) async throws -> Void) async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        var plan = LoginWorld.Plan()
        plan.store = store
        do {
            try await LoginWorld.run(on: standIn, plan) { one in
                try await LoginWorld.run(on: standIn, plan) { other in try await body(one, other) }
            }
        } catch {
            await standIn.stop()
            throw error
        }
        await standIn.stop()
    }

    /// The other gateway believed to have read what came next, until its number was higher than the lost ones.
    @Test func `a database that lost its last changes is read again`() async throws {
        let server = try PostgreSQLServer.shared.get()
        let name = "gateway_\(UInt32.random(in: 0...(.max)))"
        let address = try PostgreSQLAddress(server.database(name))
        try await run(.postgreSQL(address, passwordFile: nil)) { one, other in
            for _ in 0..<5 {
                let browser = one.browser()
                #expect(try await browser.callBack(one.standIn.click()).status == 303)
                #expect(try await browser.post("/sso/sign_out", "").status == 303)
            }
            try await Task.sleep(for: .seconds(1))
            // As after a failover to a standby that was behind.
            try server.query("UPDATE change_sequence SET number = 0; DELETE FROM revocation", in: name)
            let (here, there) = (one.browser(), other.browser())
            let session = try #require(try await here.callBack(one.standIn.click()).session)
            there[cookie: TestBrowser.sessionName] = session
            #expect(try await status(there) == 200)
            #expect(try await here.post("/sso/sign_out", "").status == 303)
            for _ in 0..<200 where try await status(there) == 200 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await status(there) == 401)
        }
    }

    private func status(_ browser: TestBrowser) async throws -> Int {
        try await browser.get("/authz/nginx", headers: LoginWorld.original).status
    }

    /// The time after a sign-out at one gateway in which the other still allows a copy of the cookie. The best of a few:
    /// the gateways' own time, not that of a machine where others build.
    @Test(arguments: SharedStore.allCases)
    func `RT-49 who signs out at one is refused at the other within a second`(_ store: SharedStore) async throws {
        try await run(store) { one, other in
            var waits: [Duration] = []
            for _ in 0..<5 {
                let (here, there) = (one.browser(), other.browser())
                let session = try #require(try await here.callBack(one.standIn.click()).session)
                there[cookie: TestBrowser.sessionName] = session
                #expect(try await status(here) == 200)
                #expect(try await status(there) == 200)
                #expect(try await here.post("/sso/sign_out", "").status == 303)
                let clock = ContinuousClock()
                let answered = clock.now
                here[cookie: TestBrowser.sessionName] = session
                #expect(try await status(here) == 401)
                while try await status(there) == 200, clock.now - answered < .seconds(20) {
                    try await Task.sleep(for: .milliseconds(2))
                }
                waits.append(clock.now - answered)
                #expect(try await status(there) == 401)
            }
            let best = try #require(waits.min())
            #expect(best < .seconds(1), "\(waits)")
        }
    }

    /// The time after a webhook at one gateway until the other uses it.
    @Test(arguments: SharedStore.allCases)
    func `a webhook that one answered is heeded by both within a second`(_ store: SharedStore) async throws {
        try await run(store) { one, other in
            var waits: [Duration] = []
            for round in 0..<5 {
                let (here, there) = (one.browser(), other.browser())
                let session = try #require(try await here.callBack(one.standIn.click(LoginWorld.ben)).session)
                there[cookie: TestBrowser.sessionName] = session
                #expect(try await status(there) == 200)
                let created = one.plan.clock.seconds() * 1000
                let body = """
                    {"id":"evt_\(round)","type":"marketplace.member.changed","createdAt":\(created),"payload":\
                    {"installationId":"icfg_AcmeAnalyticalEngines001","memberId":"\(LoginWorld.ben)","role":"NONE"}}
                    """
                let signature = WebhookMessage.signature(of: body, secret: "stand-in-client-secret")
                #expect(try await WebhookMessage.post(body, ["X-Vercel-Signature": signature], one) == 200)
                let clock = ContinuousClock()
                let answered = clock.now
                #expect(try await status(here) == 401)
                while try await status(there) == 200, clock.now - answered < .seconds(20) {
                    try await Task.sleep(for: .milliseconds(2))
                }
                waits.append(clock.now - answered)
                #expect(try await status(there) == 401)
            }
            print("from the webhook's answer at one to the refused decision at the other: \(waits)")
            let best = try #require(waits.min())
            #expect(best < .seconds(1), "\(waits)")
        }
    }

    @Test(arguments: SharedStore.allCases)
    func `RT-45 a code that one gateway took is spent at the other`(_ store: SharedStore) async throws {
        try await run(store) { one, other in
            let query = one.standIn.click()
            #expect(try await one.browser().callBack(query).status == 303)
            let browser = other.browser()
            let again = try await browser.callBack(query)
            #expect(again.location.hasPrefix("/sso/start?integration=acme") && again.session == nil)
            let page = try await browser.callBack(query)
            #expect(page.status == 400 && page.title == LoginFailure.codeSpent.title)
            #expect(one.standIn.counters.exchanges == 1)
        }
    }

    /// Two clicks, one at each.
    @Test(arguments: [LoginWorld.ada, LoginWorld.ben], SharedStore.allCases)
    func `RT-103: a code that one gateway is exchanging is waited for at the other`(
        _ user: String, _ store: SharedStore
    )
        async throws
    {
        try await run(store) { one, other in
            let ben = StandInState.MemberID("icfg_AcmeAnalyticalEngines001", LoginWorld.ben)
            one.standIn.standIn.state.withLock { $0.roles[ben] = "NONE" }
            one.standIn.standIn.fail(.tokenSlow, times: 1, delay: 3000)
            let query = one.standIn.click(user)
            let browser = one.browser()
            async let first = browser.callBack(query)
            while one.standIn.counters.exchanges == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let began = ContinuousClock.now
            let second = try await other.browser().callBack(query)
            let waited = ContinuousClock.now - began
            #expect(waited > .seconds(1) && waited < .seconds(20))
            #expect(second.location.hasPrefix("/sso/start?integration=acme"))
            #expect(try await first.status == (user == LoginWorld.ada ? 303 : 403))
            #expect(one.standIn.counters.exchanges == 1)
        }
    }

    @Test(arguments: SharedStore.allCases)
    func `a gateway that starts later knows who was signed out before`(_ store: SharedStore) async throws {
        try await store.with { try await startLater($0) }
    }

    private func startLater(_ store: StoreSetting) async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        var plan = LoginWorld.Plan()
        plan.store = store
        let session = try await LoginWorld.run(on: standIn, plan) { world in
            let browser = world.browser()
            let session = try #require(try await browser.callBack(standIn.click()).session)
            _ = try await browser.post("/sso/sign_out", "")
            return session
        }
        try await LoginWorld.run(on: standIn, plan) { world async throws in
            let thief = world.browser()
            thief[cookie: TestBrowser.sessionName] = session
            #expect(try await status(thief) == 401)
        }
        await standIn.stop()
    }
}

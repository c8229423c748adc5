import CurlHTTPClient
import HTTP
import Locking
import Marketplace
import SecretMemory
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// `log.decisions`: the access log of decisions.
@Suite struct DecisionLogTests {
    private static func lines(_ world: LoginWorld) -> [String] {
        world.log.all.filter { $0.hasPrefix("decision ") }
    }

    /// The fields behind the request id, without the time, which must be a number of milliseconds.
    private static func fields(_ line: String) throws -> String {
        let start = try #require(line.firstRange(of: "outcome=")?.lowerBound)
        let end = try #require(line.firstRange(of: " milliseconds=")?.lowerBound)
        let time = Double(line[end...].dropFirst(" milliseconds=".count))
        #expect(time.map { (0..<10_000).contains($0) } == true, "\(line)")
        return String(line[start..<end])
    }

    @Test func `each decision has a line that says what was decided, and for whom`() async throws {
        try await LoginWorld.run { plan in
            plan.loggedDecisions = .all
            plan.rules = RuleTable([
                .init(host: nil, path: "/reports", methods: nil, verdict: .roles([.admin])),
                .init(host: nil, path: "/assets", methods: nil, verdict: .anyone),
            ])
        } _: { world in
            let ben = world.browser()
            #expect(try await ben.callBack(world.standIn.click(LoginWorld.ben)).status == 303)
            func original(_ path: String, _ client: String = "203.0.113.9") -> HTTPHeaders {
                [
                    "X-Original-Method": "GET", "X-Original-URI": path, "X-Forwarded-Host": "app.example.test",
                    "X-Forwarded-Proto": "https", "X-Forwarded-For": client,
                ]
            }
            let allowed = try await ben.get("/authz/nginx", headers: original("/billing?token=canary"))
            let session = try #require(allowed.headers["X-SSO-Session"])
            _ = try await ben.get("/authz/nginx", headers: original("/reports/canary"))
            _ = try await world.browser().get("/authz/nginx", headers: original("/reports/canary"))
            _ = try await world.browser().get("/authz/nginx", headers: original("/assets/canary"))
            _ = try await world.browser().get("/oauth2/auth", headers: original("/canary/../canary"))
            _ = try await ben.get(
                "/authz/traefik",
                headers: [
                    "X-Forwarded-Method": "POST", "X-Forwarded-Uri": "/billing", "X-Forwarded-Host": "APP.example.test",
                    "X-Forwarded-Proto": "https",
                ])
            let app = "host=app.example.test"
            let client = "client=203.0.113.9"
            let expected = [
                "outcome=allowed status=200 dialect=nginx method=GET \(app) rule=default session=\(session) \(client)",
                "outcome=forbidden status=403 dialect=nginx method=GET \(app) rule=rule 1 session=\(session) \(client)",
                "outcome=sign_in status=401 dialect=nginx method=GET \(app) rule=rule 1 session= \(client)",
                "outcome=anonymous status=200 dialect=nginx method=GET \(app) rule=rule 2 session= \(client)",
                "outcome=malformed status=403 dialect=oauth2-proxy method= host= rule= session= \(client)",
                "outcome=allowed status=200 dialect=traefik method=POST \(app) rule=default session=\(session) client=127.0.0.1",
            ]
            let logged = try Self.lines(world).map(Self.fields)
            #expect(logged == expected)
            // Neither a path nor a query, a cookie or an assertion.
            let cookie = try #require(ben[cookie: TestBrowser.sessionName])
            let assertion = try #require(allowed.headers["X-SSO-Assertion"])
            for secret in ["canary", "billing", cookie, assertion] {
                #expect(!Self.lines(world).joined().contains(secret), "\(secret)")
            }
        }
    }

    @Test func `a decision that waits for a look-up has one line, with its whole time`() async throws {
        try await LoginWorld.run { plan in
            plan.loggedDecisions = .all
            plan.session = SessionLifetimes(idle: 8 * 3600, absolute: 8 * 3600)
        } _: { world in
            let browser = world.browser()
            #expect(try await browser.callBack(world.standIn.click()).status == 303)
            world.standIn.fail(.memberSlow)
            world.standIn.standIn.state.withLock { $0.delay = 300 }
            world.plan.clock.advance(by: 3601)
            #expect(try await browser.get("/authz/nginx", headers: LoginWorld.original).status == 200)
            let line = try #require(Self.lines(world).first)
            let time = try #require(line.firstRange(of: "milliseconds=").map { Double(line[$0.upperBound...]) } ?? nil)
            #expect(Self.lines(world).count == 1 && time >= 290, "\(line)")
        }
    }

    @Test func `without the setting there is no line`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let login = try await browser.callBack(world.standIn.click())
            let decision = try await browser.get("/authz/nginx", headers: LoginWorld.original)
            #expect(login.status == 303 && decision.status == 200)
            #expect(Self.lines(world).isEmpty)
        }
    }

    @Test func `a reload switches the lines on and off`() async throws {
        try await SignedInProcess.run { world, browser in
            func count() -> Int {
                world.process.output.split(separator: "\n").count { $0.contains(#""event":"decision""#) }
            }
            #expect(try await SignedInProcess.decision(browser, "/").status == 200)
            try world.reconfigure(extra: "log: { decisions: all }")
            let line = try await world.reload("configuration_reloaded")
            #expect(line.contains("+ log: { decisions: all }"), "\(line)")
            for _ in 0..<3 { #expect(try await SignedInProcess.decision(browser, "/").status == 200) }
            _ = try await world.process.line { $0.contains(#""outcome":"allowed""#) }
            try world.reconfigure(extra: "log: { decisions: none }")
            _ = try await world.reload("configuration_reloaded")
            #expect(try await SignedInProcess.decision(browser, "/").status == 200)
            #expect(count() == 3)
        }
    }
}

import CurlHTTPClient
import HTTP
import Marketplace
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// Webhooks change decisions at once.
@Suite struct WebhookTests {
    /// Has the stand-in send one, and gives the statuses that it was answered with.
    @discardableResult
    private func send(_ fields: String, _ world: LoginWorld) async throws -> String {
        let response = try await world.client.send(
            HTTPClientRequest(
                .post, world.standIn.url + "/stand-in/webhooks",
                headers: ["Content-Type": "application/x-www-form-urlencoded"], body: SecretBytes(fields),
                timeout: .seconds(60)))
        return response.body.exposedText?.string ?? ""
    }

    private func signIn(_ world: LoginWorld, _ user: String = LoginWorld.ada) async throws -> TestBrowser {
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click(user))
        try #require(answer.status == 303, "\(answer.title)")
        return browser
    }

    private static func effects(_ world: LoginWorld) -> [String] {
        world.log.all.filter { $0.hasPrefix("webhook_received") }.compactMap { line in
            line.firstRange(of: "effect=").map { String(line[$0.upperBound...].prefix { $0 != " " }) }
        }
    }

    private func decide(_ browser: TestBrowser) async throws -> TestBrowser.Answer {
        try await browser.get("/authz/nginx", headers: LoginWorld.original)
    }

    @Test(arguments: ["", "&dashed=true"])
    func `a member who is removed is refused at once, others are not`(_ spelling: String) async throws {
        try await LoginWorld.run { world in
            let (ada, ben) = (try await signIn(world), try await signIn(world, LoginWorld.ben))
            #expect(try await decide(ben).status == 200)
            let sent = try await send("user=\(LoginWorld.ben)&role=NONE\(spelling)", world)
            // The first decision behind the answer, however fast it comes.
            #expect(try await decide(ben).status == 401)
            #expect(sent == #"{"statuses":[200]}"#)
            #expect(try await decide(ada).status == 200)
            #expect(Self.effects(world) == ["applied"])
        }
    }

    @Test(arguments: ["integration-configuration.removed", "integration-configuration.transferred"])
    func `RT-58: an installation that goes takes every session with it`(_ type: String) async throws {
        try await LoginWorld.run { world in
            let people = [try await signIn(world), try await signIn(world, LoginWorld.ben)]
            try await send("type=\(type)", world)
            for person in people { #expect(try await decide(person).status == 401) }
        }
    }

    @Test func `a login to a removed installation is refused`() async throws {
        try await LoginWorld.run { world in
            try await send("type=integration-configuration-removed", world)
            try await world.expectLogin(403)
        }
    }

    @Test func `RT-58: a changed role holds from the next decision on, with its age`() async throws {
        try await LoginWorld.run { plan in
            plan.rules = RuleTable([.init(host: nil, path: "/reports", methods: nil, verdict: .roles([.admin]))])
        } _: { world in
            let ada = try await signIn(world)
            #expect(try await decide(ada).headers["X-SSO-Role"] == "ADMIN")
            world.plan.clock.advance(by: 90)
            let age = try await decide(ada).headers["X-SSO-Role-Age"]
            #expect((90..<200).contains(Int(age ?? "") ?? 0))
            try await send("role=USER", world)
            #expect(try await decide(ada).status == 403)
            try await send("role=ADMIN", world)
            let answer = try await decide(ada)
            #expect(answer.status == 200 && answer.headers["X-SSO-Role"] == "ADMIN")
            #expect((0..<60).contains(Int(answer.headers["X-SSO-Role-Age"] ?? "") ?? 99))
        }
    }

    @Test func `the newest word wins in whatever order they come`() async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            world.plan.clock.advance(by: 120)
            try await send("role=USER", world)
            try await send("role=ADMIN&age_ms=5000", world)
            #expect(try await decide(ada).headers["X-SSO-Role"] == "USER")
        }
    }

    @Test func `a removal that comes late ends the sessions that it is about and no newer one`() async throws {
        try await LoginWorld.run { world in
            let old = try await signIn(world)
            world.plan.clock.advance(by: 600)
            try await send("role=ADMIN", world)
            let new = try await signIn(world)
            try await send("role=NONE&age_ms=300000", world)
            #expect(try await decide(old).status == 401)
            #expect(try await decide(new).status == 200)
        }
    }

    /// Two integrations whose installation and people have the same ids.
    @Test func `RT-57: a webhook of one integration does not change another's member`() async throws {
        try await LoginWorld.run { plan in
            var other = LoginWorld.Plan.acme("other", clientID: "oac_Other", callback: "/other/callback")
            other.clientSecret = "another-client-secret"
            other.webhookURL = LoginWorld.origin + "/other/webhook"
            plan.integrations = [LoginWorld.Plan.acme(), other]
        } _: { world in
            let ada = try await signIn(world)
            let twin = world.browser()
            let login = try await twin.callBack(world.standIn.click(integration: "other"), at: "/other/callback")
            #expect(login.status == 303)
            try await send("integration=acme&role=USER", world)
            #expect(try await decide(ada).headers["X-SSO-Role"] == "USER")
            #expect(try await decide(twin).headers["X-SSO-Role"] == "ADMIN")
            try await send("integration=acme&role=NONE", world)
            #expect(try await decide(ada).status == 401)
            #expect(try await decide(twin).status == 200)
        }
    }

    @Test func `a webhook that comes twice is taken once`() async throws {
        try await LoginWorld.run { world in
            let sent = try await send("role=USER&copies=3", world)
            #expect(sent == #"{"statuses":[200,200,200]}"#)
            #expect(Self.effects(world) == ["applied", "repeated", "repeated"])
        }
    }

    @Test func `types that say nothing about sessions are answered and counted`() async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            #expect(try await send("type=marketplace.invoice.paid", world) == #"{"statuses":[200]}"#)
            #expect(try await decide(ada).status == 200)
            let metrics = try await world.client.send(
                HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
            #expect(
                metrics.body.exposedText?.string.contains(#"sso_gateway_webhooks_total{outcome="ignored"} 1"#) == true)
        }
    }

    @Test(arguments: ["gzip", "deflate", "br", "zstd"])
    func `RT-55: nothing that is compressed is unpacked, signed or not`(_ coding: String) async throws {
        try await LoginWorld.run { world in
            let bomb = #"{"id":"\u0000"#
            for signature in [WebhookMessage.signature(of: bomb, secret: "stand-in-client-secret"), "none"] {
                let status = try await WebhookMessage.post(
                    bomb, ["X-Vercel-Signature": signature, "Content-Encoding": coding], world)
                #expect(status == (signature == "none" ? 403 : 400))
            }
        }
    }

    /// Every wrong spelling of a right signature, and the signatures of others.
    @Test func `what the client secret did not sign is refused and changes nothing`() async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            let body = """
                {"id":"evt_1","type":"marketplace.member.changed","createdAt":1767225600000,"payload":{"installationId":\
                "icfg_AcmeAnalyticalEngines001","memberId":"\(LoginWorld.ada)","role":"NONE"}}
                """
            let good = WebhookMessage.signature(of: body, secret: "stand-in-client-secret")
            let wrong: [HTTPHeaders] = [
                [:], ["X-Vercel-Signature": ""], ["X-Vercel-Signature": good.uppercased()],
                ["X-Vercel-Signature": "sha1=" + good], ["X-Vercel-Signature": String(good.dropLast())],
                ["X-Vercel-Signature": WebhookMessage.signature(of: body, secret: "another")],
                ["X-Vercel-Signature": WebhookMessage.signature(of: body + " ", secret: "stand-in-client-secret")],
                ["X_Vercel_Signature": good],
            ]
            for headers in wrong {
                let status = try await WebhookMessage.post(body, headers, world)
                #expect(status == 403 || status == 400, "\(headers.fields)")
            }
            #expect(try await decide(ada).status == 200)
            #expect(try await WebhookMessage.post(body, ["X-Vercel-Signature": good], world) == 200)
        }
    }
}

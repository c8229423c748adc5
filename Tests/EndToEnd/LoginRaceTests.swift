import CurlHTTPClient
import HTTP
import Marketplace
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// Webhooks about a member during the member's own login, or in the same second.
@Suite struct LoginRaceTests {
    /// Has the stand-in send a webhook about Ben.
    private func tell(_ fields: String, _ world: LoginWorld) async throws {
        let response = try await world.client.send(
            HTTPClientRequest(
                .post, world.standIn.url + "/stand-in/webhooks",
                headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: SecretBytes("user=\(LoginWorld.ben)&" + fields), timeout: .seconds(60)))
        #expect(response.body.exposedText?.string == #"{"statuses":[200]}"#)
    }

    private func decide(_ browser: TestBrowser) async throws -> TestBrowser.Answer {
        try await browser.get("/authz/nginx", headers: LoginWorld.original)
    }

    private func signIn(_ world: LoginWorld, _ user: String = LoginWorld.ben) async throws -> TestBrowser {
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click(user))
        try #require(answer.status == 303, "\(answer.title)")
        return browser
    }

    /// The marketplace has answered the look-up, but its answer is a second on the way; meanwhile it tells something else.
    @Test(arguments: [("NONE", 401, ""), ("ADMIN", 200, "ADMIN")])
    func `a webhook during a login's look-up is newer than the look-up's answer`(
        _ newRole: String, _ status: Int, _ role: String
    ) async throws {
        try await LoginWorld.run { world in
            world.standIn.standIn.fail(.memberSlow, times: 1, delay: 1000)
            let before = world.standIn.counters.memberLookups
            let browser = world.browser()
            async let login = browser.callBack(world.standIn.click(LoginWorld.ben))
            for _ in 0..<2400 where world.standIn.counters.memberLookups == before {
                try await Task.sleep(for: .milliseconds(25))
            }
            try await tell("role=\(newRole)", world)
            let page = try await login
            // A slow machine gives the look-up up after three seconds. Then only the webhook's word counts.
            if newRole == "NONE", page.status == 403 { return }
            try #require(page.status == 303, "\(page.title)")
            let answer = try await decide(browser)
            #expect(answer.status == status)
            #expect(answer.headers["X-SSO-Role"] ?? "" == role)
        }
    }

    /// Sessions end by the second; a login right behind a revocation counts as issued later than that.
    @Test func `who signs in within the second of a revocation is in`() async throws {
        try await LoginWorld.run { world in
            for _ in 0..<5 {
                let old = try await signIn(world)
                try await tell("role=NONE", world)
                #expect(try await decide(old).status == 401)
                // Invited again.
                try await tell("role=USER", world)
                let new = try await signIn(world)
                #expect(try await decide(new).status == 200)
                #expect(try await decide(old).status == 401)
            }
        }
    }

    @Test func `a login's look-up is the newest word for the person's other sessions`() async throws {
        try await LoginWorld.run { world in
            let (first, other) = (
                try await signIn(world, LoginWorld.ada), try await signIn(world, LoginWorld.ben)
            )
            #expect(try await decide(first).headers["X-SSO-Role"] == "ADMIN")
            world.standIn.fail(.memberDemoted)
            world.plan.clock.advance(by: 20)
            _ = try await signIn(world, LoginWorld.ada)
            let answer = try await decide(first)
            #expect(answer.headers["X-SSO-Role"] == "USER")
            #expect((0..<15).contains(Int(answer.headers["X-SSO-Role-Age"] ?? "") ?? 99))
            #expect(try await decide(other).headers["X-SSO-Role"] == "USER")
        }
    }

    /// A webhook that waited for a day, or that comes again when its id is forgotten.
    @Test(arguments: ["ADMIN", "NONE"])
    func `what comes late changes nothing that is newer`(_ role: String) async throws {
        try await LoginWorld.run { world in
            let ben = try await signIn(world)
            try await tell("role=\(role)&age_ms=300000", world)
            let answer = try await decide(ben)
            #expect(answer.status == 200 && answer.headers["X-SSO-Role"] == "USER")
        }
    }

    /// The look-up wrote nothing, because it brought no other role.
    @Test func `a late promotion does not outdo a look-up since then`() async throws {
        try await LoginWorld.run { world in
            _ = try await signIn(world)
            world.plan.clock.advance(by: 600)
            let ben = try await signIn(world)
            try await tell("role=ADMIN&age_ms=60000", world)
            #expect(try await decide(ben).headers["X-SSO-Role"] == "USER")
        }
    }

    @Test func `a clock that is far ahead does not make all that follows old`() async throws {
        try await LoginWorld.run { world in
            let ben = try await signIn(world)
            let tomorrow = (world.plan.clock.seconds() + 86_400) * 1000
            let body = """
                {"id":"evt_1","type":"marketplace.member.changed","createdAt":\(tomorrow),"payload":{"installationId":\
                "icfg_AcmeAnalyticalEngines001","memberId":"\(LoginWorld.ben)","role":"ADMIN"}}
                """
            let signature = WebhookMessage.signature(of: body, secret: "stand-in-client-secret")
            #expect(try await WebhookMessage.post(body, ["X-Vercel-Signature": signature], world) == 200)
            #expect(try await decide(ben).headers["X-SSO-Role"] == "ADMIN")
            world.plan.clock.advance(by: LiveStore.skew + 1)
            try await tell("role=USER", world)
            #expect(try await decide(ben).headers["X-SSO-Role"] == "USER")
        }
    }
}

import CurlHTTPClient
import HTTP
import SecretMemory
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// RT-63: an e-mail address identifies no one. Ada and Ben share one, like colleagues with one mailbox, or like an attacker
/// who gives another person's address.
@Suite struct SharedAddressTests {
    private static let address = "shared@analytical.example"

    private func run(_ body: (LoginWorld) async throws -> Void) async throws {
        try await LoginWorld.run {
            for member in 0..<2 { $0.integrations[0].installations[0].members[member].email = Self.address }
            var second = LoginWorld.Plan.acme("second", clientID: "oac_Second", callback: "/second/callback")
            second.installations[0].members[0].email = Self.address
            second.webhookURL = LoginWorld.origin + "/second/webhook"
            $0.integrations.append(second)
        } _: { world async throws in
            try await body(world)
        }
    }

    private func decision(_ browser: TestBrowser) async throws -> TestBrowser.Answer {
        try await browser.get("/authz/nginx", headers: LoginWorld.original)
    }

    @Test func `RT-63 one address, two people: each has their own id and role`() async throws {
        try await run { world in
            let (ada, ben) = (world.browser(), world.browser())
            _ = try await ada.callBack(world.standIn.click(LoginWorld.ada))
            _ = try await ben.callBack(world.standIn.click(LoginWorld.ben))
            for (browser, user, role) in [(ada, LoginWorld.ada, "ADMIN"), (ben, LoginWorld.ben, "USER")] {
                let headers = try await decision(browser).headers
                #expect(headers["X-Auth-Request-User"] == user && headers["X-SSO-Role"] == role)
                #expect(headers["X-Auth-Request-Email"] == Self.address)
            }
        }
    }

    @Test func `RT-63 what ends or changes one of them leaves the other`() async throws {
        try await run { world in
            let (ada, ben) = (world.browser(), world.browser())
            _ = try await ada.callBack(world.standIn.click(LoginWorld.ada))
            _ = try await ben.callBack(world.standIn.click(LoginWorld.ben))
            let body = #"{"installation":"icfg_AcmeAnalyticalEngines001","member":"\#(LoginWorld.ada)"}"#
            let answer = try await world.administer(.post, "/admin/sessions/revoke", body: body)
            #expect(answer.status == .ok)
            #expect(try await decision(ada).status == 401)
            #expect(try await decision(ben).status == 200)
        }
    }

    @Test func `RT-63 an address opens nothing: a revocation by it is refused`() async throws {
        try await run { world in
            let ada = world.browser()
            _ = try await ada.callBack(world.standIn.click(LoginWorld.ada))
            for body in [
                #"{"email":"\#(Self.address)"}"#,
                #"{"installation":"icfg_AcmeAnalyticalEngines001","member":"\#(Self.address)"}"#,
            ] {
                _ = try await world.administer(.post, "/admin/sessions/revoke", body: body)
            }
            #expect(try await decision(ada).status == 200)
        }
    }

    @Test func `RT-63 the same person at another integration is another person`() async throws {
        try await run { world in
            let (first, second) = (world.browser(), world.browser())
            _ = try await first.callBack(world.standIn.click(LoginWorld.ada))
            _ = try await second.callBack(
                world.standIn.click(LoginWorld.ada, integration: "second"), at: "/second/callback")
            #expect(try await decision(second).headers["X-SSO-Integration"] == "second")
            let body = #"{"installation":"icfg_AcmeAnalyticalEngines001","integration":"acme"}"#
            _ = try await world.administer(.post, "/admin/sessions/revoke", body: body)
            #expect(try await decision(first).status == 401)
            #expect(try await decision(second).status == 200)
        }
    }
}

import CurlHTTPClient
import HTTP
import SecretMemory
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

@Suite struct SwitchTests {
    @Test func `RT-42: another person's link changes nothing before the confirmation`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click(LoginWorld.ada))
            let confirmation = try await browser.callBack(world.standIn.click(LoginWorld.ben))
            #expect(confirmation.status == 200)
            #expect(confirmation.title == "Switch to Ben Viewer?")
            #expect(confirmation.session == nil)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)

            let ticket = try #require(confirmation.field("ticket"))
            let other = world.browser()
            #expect(try await other.post("/sso/switch", "ticket=\(ticket)&answer=switch").status == 400)
            #expect(try await browser.post("/sso/switch", "ticket=\(ticket)&answer=stay").status == 303)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
            #expect(try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch").status == 400)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
        }
    }

    /// `confirm: always`: the victim has no session, and the login still needs a confirmation.
    @Test func `RT-42: with confirm always, a foreign link signs no one in`() async throws {
        try await LoginWorld.run {
            $0.confirm = .always
        } _: { world in
            let victim = world.browser()
            let confirmation = try await victim.callBack(world.standIn.click(LoginWorld.ben))
            #expect(confirmation.status == 200 && confirmation.session == nil)
            #expect(try await victim.session() == nil)
            let ticket = try #require(confirmation.field("ticket"))
            // Not even by the attacker's own form.
            let forged = try await world.client.send(
                HTTPClientRequest(
                    .post, world.gatewayURL + "/sso/switch",
                    headers: [
                        "Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example",
                        "Sec-Fetch-Site": "cross-site",
                        "Cookie": "__Host-sso_ticket=" + (victim[cookie: "__Host-sso_ticket"] ?? ""),
                    ], body: SecretBytes("ticket=\(ticket)&answer=switch"), timeout: .seconds(30)))
            #expect(
                forged.status == .badRequest
                    && forged.headers.all("Set-Cookie").allSatisfy { !$0.contains("sso_session=") })
            #expect(try await victim.post("/sso/switch", "ticket=\(ticket)&answer=stay").status == 303)
            #expect(try await victim.session() == nil)
        }
    }

    @Test func `a confirmed switch replaces the other session, once`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let first = try #require(try await browser.callBack(world.standIn.click(LoginWorld.ada)).session)
            let confirmation = try await browser.callBack(world.standIn.click(LoginWorld.ben) + "&path=billing")
            let ticket = try #require(confirmation.field("ticket"))
            let binding = browser[cookie: "__Host-sso_ticket"]
            let answer = try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch")
            #expect(answer.location == "/billing")
            #expect(try await browser.session()?.contains(LoginWorld.ben) == true)

            browser[cookie: "__Host-sso_ticket"] = binding
            #expect(try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch").status == 400)
            let thief = world.browser()
            thief[cookie: TestBrowser.sessionName] = first
            #expect(try await thief.session() == nil)
        }
    }

    @Test func `who thinks it over for longer than the idle time is signed in all the same`() async throws {
        try await LoginWorld.run {
            $0.session.idle = 60
            $0.confirm = .always
        } _: { world in
            let browser = world.browser()
            let confirmation = try await browser.callBack(world.standIn.click(LoginWorld.ada))
            world.plan.clock.advance(by: 200)
            let ticket = try #require(confirmation.field("ticket"))
            #expect(try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch").status == 303)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
        }
    }

    @Test func `RT-63: two members with one e-mail address are two people`() async throws {
        try await LoginWorld.run {
            $0.integrations[0].installations[0].members[1].email = "ada@analytical.example"
        } _: { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click(LoginWorld.ada))
            #expect(try await browser.callBack(world.standIn.click(LoginWorld.ben)).session == nil)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
            let other = world.browser()
            _ = try await other.callBack(world.standIn.click(LoginWorld.ben))
            #expect(try await other.session()?.contains(#""user_id":"\#(LoginWorld.ben)""#) == true)
        }
    }

    @Test func `RT-44: a login begun with one integration proves nothing at another`() async throws {
        try await LoginWorld.run {
            $0.integrations.append(
                LoginWorld.Plan.acme("second", clientID: "oac_Second", callback: "/second/callback"))
        } _: { world in
            let begun = world.browser()
            let start = try await begun.get("/sso/start?integration=acme&rd=/kept")
            let flow = start.location.split(separator: "=").last ?? ""
            #expect(flow.count == 32)
            let elsewhere = try await begun.callBack(
                world.standIn.click(integration: "second") + "&sso_flow=\(flow)", at: "/second/callback")
            #expect(elsewhere.location == "/dashboard")

            let proper = world.browser()
            let landed = try await proper.open("/sso/start?integration=acme&rd=/kept")
            #expect(landed.location == "/kept")

            // And a code of one is no code at the other.
            let crossed = try await world.browser().callBack(world.standIn.click(), at: "/second/callback")
            #expect(crossed.status == 400)
            #expect(crossed.session == nil)
        }
    }
}

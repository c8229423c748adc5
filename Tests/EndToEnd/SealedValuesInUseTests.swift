import HTTP
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// RT-101: sealed values that outlive the configuration they were made under.
@Suite struct SealedValuesInUseTests {
    private static func second() -> StandInSettings.Integration {
        var second = LoginWorld.Plan.acme("second", clientID: "oac_Second", callback: "/second/callback")
        second.webhookURL = LoginWorld.origin + "/second/webhook"
        return second
    }

    @Test(arguments: ["switch", "stay"])
    func `RT-101: a confirmation of an integration that is gone after a restart is out of date`(_ choice: String)
        async throws
    {
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme(), Self.second()]))
        var plan = LoginWorld.Plan()
        plan.confirm = .always
        plan.integrations.append(Self.second())
        let (ticket, binding) = try await LoginWorld.run(on: standIn, plan) { world in
            let browser = world.browser()
            let page = try await browser.callBack(standIn.click(integration: "second"), at: "/second/callback")
            return (try #require(page.field("ticket")), try #require(browser[cookie: "__Host-sso_ticket"]))
        }
        plan.integrations.removeLast()
        try await LoginWorld.run(on: standIn, plan) { world in
            let browser = world.browser()
            browser[cookie: "__Host-sso_ticket"] = binding
            let page = try await browser.post("/sso/switch", "ticket=\(ticket)&answer=\(choice)")
            #expect(page.status == 400 && page.title == "This confirmation is out of date" && page.session == nil)
            #expect(try await browser.session() == nil)
        }
        await standIn.stop()
    }

    /// The marketplace bounds none of these. In bytes.
    @Test(arguments: [0, 900, 1024, 1025, 5000])
    func `RT-101: an avatar's address of any length leaves the login and the confirmation whole`(_ length: Int)
        async throws
    {
        try await LoginWorld.run {
            $0.confirm = .always
            let avatar = "https://images.example/" + String(repeating: "a", count: length)
            $0.integrations[0].installations[0].members[0].avatarURL = avatar
            $0.integrations[0].installations[0].members[0].name = String(repeating: "n", count: 300)
        } _: { world in
            let browser = world.browser()
            let target = "/" + String(repeating: "t", count: 2000)
            let page = try await browser.callBack(world.standIn.click() + "&url=" + target)
            #expect(page.status == 200)
            let ticket = try #require(page.field("ticket"))
            let answer = try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch")
            #expect(answer.status == 303 && answer.location == target)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
        }
    }
}

import CurlHTTPClient
import HTTP
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// What the marketplace says about the team behind an installation, and what becomes of it.
@Suite struct AccountTests {
    /// Ada's page to sign out, requested until it fits, for at most ten seconds.
    private func page(_ world: LoginWorld, until fits: (TestBrowser.Answer) -> Bool) async throws
        -> (TestBrowser, TestBrowser.Answer)
    {
        let browser = world.browser()
        let login = try await browser.callBack(world.standIn.click())
        try #require(login.status == 303, "\(login.title)")
        var answer = try await browser.get("/sso/sign_out")
        for _ in 0..<600 where !fits(answer) {
            try await Task.sleep(for: .milliseconds(50))
            answer = try await browser.get("/sso/sign_out")
        }
        return (browser, answer)
    }

    @Test func `the session's page names the team after one look-up`() async throws {
        try await LoginWorld.run { world in
            let (_, first) = try await page(world) { $0.body.contains("Analytical Engines") }
            #expect(first.body.contains("<strong>Ada Lovelace</strong> of <strong>Analytical Engines</strong>"))
            _ = try await page(world) { _ in true }
            #expect(world.standIn.counters.accountLookups == 1)
        }
    }

    /// RT-63: the team's contact may be another person than the member.
    @Test func `RT-63: the contact's address appears nowhere`() async throws {
        try await LoginWorld.run { world in
            let (browser, shown) = try await page(world) { $0.body.contains("Analytical Engines") }
            let decision = try await browser.get("/authz/nginx", headers: LoginWorld.original)
            let session = try #require(try await browser.session())
            let said = [shown.body, session] + world.log.all + decision.headers.fields.map(\.value)
            for text in said {
                #expect(!text.contains("contact@analytical.example") && !text.contains("Babbage"), "\(text)")
            }
            #expect(decision.headers["X-Auth-Request-Email"] == "ada@analytical.example")
        }
    }

    @Test(arguments: [StandInFault.member401, .member403, .member429, .member500, .memberGarbage])
    func `without an answer the page names no team and the session goes on`(_ fault: StandInFault) async throws {
        try await LoginWorld.run { world in
            world.standIn.fail(fault)
            let (browser, shown) = try await page(world) { _ in
                world.log.all.contains { $0.hasPrefix("account_lookup_unavailable") }
            }
            #expect(shown.body.contains("<strong>Ada Lovelace</strong>. Signing out"))
            #expect(world.log.all.contains { $0.hasPrefix("account_lookup_unavailable") })
            #expect(try await browser.session() != nil)
        }
    }

    @Test func `a team's name is text, whatever is in it`() async throws {
        try await LoginWorld.run { plan in
            plan.integrations[0].installations[0].accountName = "<script>alert(1)</script>\u{202e}\u{7}"
        } _: { world in
            let (_, answer) = try await page(world) { $0.body.contains("&lt;script") }
            #expect(answer.body.contains("of <strong>&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(!answer.body.contains("<script>") && !answer.body.contains("\u{202e}"))
        }
    }
}

import HTTP
import Locking
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// RT-103: what browsers request by themselves, and what they request twice.
@Suite struct NavigationTests {
    private static let navigation: HTTPHeaders = ["Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"]

    /// As Chromium 156 sends them: prefetch, prerender, images, scripts, frames, `fetch`; and odd ones.
    @Test(
        arguments: [
            ["Sec-Purpose": "prefetch"], ["Sec-Purpose": "prefetch;prerender"], ["Purpose": "prefetch"],
            ["X-Moz": "prefetch"], ["X-Moz": ""],
            ["Sec-Purpose": "prefetch", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"],
            ["Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "cross-site"],
            ["Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"],
            ["Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"],
            ["Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"], ["Sec-Fetch-Mode": "navigate"],
            ["Sec-Fetch-Dest": "document"], ["Sec-Fetch-Site": "none"], ["Sec-Fetch-Storage-Access": "active"],
        ] as [HTTPHeaders])
    func `RT-103: what is no navigation spends, counts and sets nothing`(_ headers: HTTPHeaders) async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let query = world.standIn.click()
            for _ in 0..<25 {
                let answer = try await browser.get("/sso/callback?" + query, headers: headers)
                #expect(answer.status == 403)
                #expect(answer.headers.all("Set-Cookie").isEmpty && answer.location.isEmpty)
                #expect(answer.headers["Cache-Control"] == "no-store")
            }
            let start = try await browser.get("/sso/start?rd=/reports", headers: headers)
            #expect(start.status == 403 && start.headers.all("Set-Cookie").isEmpty && start.location.isEmpty)
            #expect(world.standIn.counters.exchanges == 0 && world.log.all.allSatisfy { !$0.hasPrefix("login") })
            // The person's own click.
            let click = try await browser.get("/sso/callback?" + query, headers: Self.navigation)
            #expect(click.status == 303 && click.location == "/dashboard" && click.session != nil)
        }
    }

    /// The first answer never reaches the page: the browser shows the second one.
    @Test func `RT-103: a second click 0.2 s behind the first waits for it and ends signed in`() async throws {
        try await LoginWorld.run { world in
            world.standIn.standIn.fail(.tokenSlow, times: 1, delay: 1500)
            let query = world.standIn.click() + "&path=billing"
            let (lost, shown) = (world.browser(), world.browser())
            async let first = lost.callBack(query)
            while world.standIn.counters.exchanges == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let second = try await shown.callBack(query)
            try #require(second.status == 303 && second.location == "/sso/start?integration=acme&rd=%2Fbilling")
            #expect(try await first.status == 303)
            #expect(world.standIn.counters.exchanges == 1)
            #expect(world.log.all.contains { $0.hasPrefix("login_restarted") })
            let landed = try await shown.open(second.location)
            #expect(landed.location == "/billing" && landed.session != nil)
        }
    }

    @Test func `RT-103: a code that comes to nothing is waited for no longer than that takes`() async throws {
        try await LoginWorld.run { world in
            // A member was removed, and the marketplace reports it late.
            let ben = StandInState.MemberID("icfg_AcmeAnalyticalEngines001", LoginWorld.ben)
            world.standIn.standIn.state.withLock { $0.roles[ben] = "NONE" }
            world.standIn.standIn.fail(.tokenSlow, times: 1, delay: 1500)
            let query = world.standIn.click(LoginWorld.ben)
            async let first = world.browser().callBack(query)
            while world.standIn.counters.exchanges == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let began = ContinuousClock.now
            let second = try await world.browser().callBack(query)
            #expect(ContinuousClock.now - began < .seconds(10))
            #expect(second.status == 303 && second.location == "/sso/start?integration=acme&rd=%2Fdashboard")
            #expect(try await first.status == 403)
        }
    }

    @Test func `RT-103: a spent code leads on once in five minutes, then to the page`() async throws {
        try await LoginWorld.run { world in
            let query = world.standIn.click() + "&resource_id=db_1"
            #expect(try await world.browser().callBack(query).status == 303)
            let browser = world.browser()
            let start = "/sso/start?integration=acme&rd=%2Fresources%2Fdb_1"
            for round in 0..<2 {
                let led = try await browser.callBack(query)
                #expect(led.status == 303 && led.location == start && led.session == nil, "round \(round)")
                for _ in 0..<2 {
                    let page = try await browser.callBack(query)
                    #expect(page.status == 400 && page.title == LoginFailure.codeSpent.title, "round \(round)")
                }
                world.plan.clock.advance(by: 301)
            }
            #expect(world.standIn.counters.exchanges == 1)
        }
    }

    @Test func `RT-135: after a login that came of it the way on is there again`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            for _ in 0..<2 {
                let query = world.standIn.click()
                _ = try await world.browser().callBack(query)
                let spent = try await browser.callBack(query)
                #expect(spent.status == 303 && spent.location.hasPrefix("/sso/start"))
                #expect(try await browser.open(spent.location).session != nil)
                browser[cookie: TestBrowser.sessionName] = nil
            }
        }
    }

    @Test func `RT-103: a spent code leads the browser that it signed in to where it went`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let query = world.standIn.click() + "&resource_id=db_1"
            for _ in 0..<30 {
                let answer = try await browser.callBack(query)
                #expect(answer.status == 303 && answer.location == "/resources/db_1")
            }
            let flow = try await browser.open("/sso/start?rd=/reports")
            #expect(flow.location == "/reports")
        }
    }

    @Test func `RT-103: a target that does not fit is left out of the way on`() async throws {
        try await LoginWorld.run { world in
            let query = world.standIn.click() + "&url=/" + String(repeating: "a", count: 1500)
            #expect(try await world.browser().callBack(query).status == 303)
            let led = try await world.browser().callBack(query)
            #expect(led.location == "/sso/start?integration=acme")
        }
    }
}

import HTTP
import ProviderStandIn
import Testing

@testable import Gateway

/// Rounds that a browser makes without a person: counted, and ended by a page with a way out.
@Suite struct `A browser that goes in circles` {
    private static let start = "/sso/start?rd=/reports"

    @Test func `signing in that never lasts ends in a page, and a person may try again`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            func round() async throws -> TestBrowser.Answer {
                let answer = try await browser.open(Self.start)
                // As where another gateway behind the same name has other keys.
                browser[cookie: TestBrowser.sessionName] = nil
                return answer
            }
            for _ in 0..<3 {
                let landed = try await round()
                #expect(landed.location == "/reports")
            }
            let page = try await round()
            #expect(page.status == 200 && page.title == "Signing in does not last")
            #expect(page.body.contains(#"href="\#(world.standIn.url)/""#))
            #expect(page.body.contains(#"href="/sso/start?integration=acme&amp;rd=%2Freports""#))
            #expect(page.session == nil && page.setCookie("__Host-sso_logins")?.contains("Max-Age=0") == true)
            #expect(world.log.all.contains { $0.hasPrefix("login_loop") })
            // The link on the page.
            let landed = try await round()
            #expect(landed.location == "/reports")
        }
    }

    @Test func `it is forgotten after five minutes`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            for _ in 0..<7 {
                let landed = try await browser.open(Self.start)
                #expect(landed.location == "/reports")
                browser[cookie: TestBrowser.sessionName] = nil
                world.plan.clock.advance(by: 101)
            }
        }
    }

    @Test func `a signed-in member may start any number of logins`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            for _ in 0..<8 {
                let landed = try await browser.open(Self.start)
                #expect(landed.location == "/reports")
            }
        }
    }

    @Test func `five tabs side by side all arrive, in any order`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            var callbacks: [(String, String)] = []
            for page in (1...5).map({ "/tab/\($0)?x=%C3%A9+%2F" }) {
                let start = "/sso/start?rd=" + PercentEncoding.encode(page)
                let marketplace = try await browser.get(start).location
                callbacks.append((page, try await browser.get(marketplace).location))
            }
            for (page, callback) in callbacks.reversed() {
                let answer = try await browser.get(callback)
                #expect(answer.status == 303 && answer.location == page)
            }
        }
    }

    @Test func `the third failure in a row offers a way out and no other round`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            world.standIn.fail(.expired)
            for isLast in [false, false, true] {
                let page = try await browser.callBack(world.standIn.click())
                #expect(page.status == 403 && page.session == nil)
                #expect(page.body.contains("/sso/start") == !isLast)
                #expect(page.body.contains("Back to the marketplace") == isLast)
            }
            world.plan.clock.advance(by: 301)
            let page = try await browser.callBack(world.standIn.click())
            #expect(page.body.contains("/sso/start"))
        }
    }
}

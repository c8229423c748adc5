import HTTP
import SecretMemory
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// What an attacker could do with the addresses of a hand-over.
@Suite struct RegionAttackTests {
    @Test func `a ticket signs one browser in, once`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let way = try await world.way(browser)
            let visit = browser.cookies(at: world.eu.origin)
            #expect(try await browser.get(way.toArrival).status == 303)
            let first = try #require(try await world.session(browser, in: world.eu))
            // The back button, with the session.
            #expect(try await browser.get(way.toArrival).status == 303)
            #expect(try await world.session(browser, in: world.eu) == first)
            // The same browser with the visit's cookie again, and without the session.
            let copy = world.browser()
            for (name, value) in visit { copy.set(name, value, at: world.eu.origin) }
            let replayed = try await copy.get(way.toArrival)
            #expect(replayed.session == nil && replayed.location.hasPrefix("/sso/start?"))
            #expect(try await world.session(copy, in: world.eu) == nil)
            #expect(world.eu.log.all.filter { $0.hasPrefix("login_succeeded") }.count == 1)
        }
    }

    @Test func `a ticket is worth nothing in another browser`() async throws {
        try await RegionWorld.run { world in
            let way = try await world.way(world.browser())
            let stranger = world.browser()
            let refused = try await stranger.get(way.toArrival)
            #expect(refused.status == 400 && refused.title == LoginFailure.cookiesBlocked.title)
            // Also in one that has a visit of its own.
            let own = try await world.way(stranger, user: LoginWorld.ben)
            let other = try await stranger.get(way.toArrival)
            #expect(other.session == nil && other.location.hasPrefix("/sso/start?"))
            #expect(try await stranger.get(own.toArrival).status == 303)
            #expect(try await world.session(stranger, in: world.eu)?.contains(LoginWorld.ben) == true)
        }
    }

    /// The attacker has a ticket for the own account, and brings the victim to its address.
    @Test func `nobody is signed in as the sender of a ticket`() async throws {
        try await RegionWorld.run { world in
            let victim = world.browser()
            // The victim's browser has a visit, which the attacker began there but cannot know.
            let begun = try await victim.get(
                "\(world.eu.origin)/sso/region/visit?from=us&departure=\(String(repeating: "0a", count: 16))")
            #expect(begun.status == 303)
            let way = try await world.way(world.browser(), user: LoginWorld.ben)
            let answer = try await victim.get(way.toArrival)
            #expect(answer.session == nil && answer.location.hasPrefix("/sso/start?"))
        }
    }

    @Test func `a ticket for one region is refused in another`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let way = try await world.way(browser)
            let ticket = try #require(way.toArrival.split(separator: "=").last)
            for region in [world.ap, world.us] {
                let answer = try await browser.get("\(region.origin)/sso/region/arrival?ticket=\(ticket)")
                #expect(answer.status == 400 && answer.session == nil)
                #expect(region.lastFailure == "region_ticket")
            }
        }
    }

    @Test func `a changed ticket is refused, and parameters beside it change nothing`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let way = try await world.way(browser, "&resource_id=db_engine")
            let start = try #require(way.toArrival.firstRange(of: "ticket=")?.upperBound)
            for offset in [0, 9, 20, 60, 120] {
                var changed = way.toArrival
                let index = changed.index(start, offsetBy: offset)
                changed.replaceSubrange(index...index, with: changed[index] == "A" ? "B" : "A")
                #expect(try await browser.get(changed).status == 400)
                #expect(world.eu.lastFailure == "region_ticket")
            }
            #expect(try await browser.get(way.toArrival + "&ticket=x").status == 400)
            let answer = try await browser.get(way.toArrival + "&url=/other&resource_id=x&rd=/y")
            #expect(answer.status == 303 && answer.location == "/resources/db_engine")
        }
    }

    @Test func `a departure gets one ticket`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let toVisit = try await browser.callBack(world.standIn.click()).location
            let departure = browser.cookies(at: world.us.origin)
            let toTicket = try await browser.get(toVisit).location
            #expect(try await browser.get(toTicket).status == 303)
            #expect(try await browser.get(toTicket).status == 400)
            for (name, value) in departure { browser.set(name, value, at: world.us.origin) }
            let second = try await browser.get(toTicket)
            #expect(second.status == 303 && second.location.hasPrefix("/sso/start?"))
        }
    }

    /// The victim has a departure under way, and the attacker wants its ticket for a visit of the own browser.
    @Test func `a departure is found by its name only`() async throws {
        try await RegionWorld.run { world in
            let victim = world.browser()
            _ = try await victim.callBack(world.standIn.click())
            let visit = String(repeating: "0b", count: 16)
            let cookie = try #require(victim.cookieNames(at: world.us.origin).first { $0.contains("departure") })
            // The digits that the cookie's name shows are not the whole name.
            let known = cookie.suffix(8) + String(repeating: "0", count: 24)
            for name in [known, String(repeating: "0a", count: 16), "", "*", String(repeating: "A", count: 32)] {
                let answer = try await victim.get(
                    "\(world.us.origin)/sso/region/ticket?departure=\(name)&visit=\(visit)")
                #expect(answer.status == 400 && answer.location.isEmpty)
            }
        }
    }

    /// Each side of the way has a minute, by its own clock.
    @Test(arguments: ["us", "eu"])
    func `a hand-over takes a minute at most`(late: String) async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let toVisit = try await browser.callBack(world.standIn.click()).location
            let toTicket = try await browser.get(toVisit).location
            if late == "us" {
                world.us.clock.advance(by: 61)
                #expect(try await browser.get(toTicket).status == 400)
                #expect(world.us.lastFailure == "region_departure")
            } else {
                let toArrival = try await browser.get(toTicket).location
                world.eu.clock.advance(by: 61)
                let answer = try await browser.get(toArrival)
                #expect(answer.session == nil && answer.location.hasPrefix("/sso/start?"))
            }
        }
    }

    @Test func `a ticket of another ring is refused`() async throws {
        try await RegionWorld.run {
            $0.rings = ["us": LoginWorld.freshRing()]
        } _: { world in
            let browser = world.browser()
            let way = try await world.way(browser)
            #expect(try await browser.get(way.toArrival).status == 400)
            #expect(world.eu.lastFailure == "region_ticket")
        }
    }

    @Test(arguments: [
        "", "?from=us", "?from=xx&departure=D", "?from=eu&departure=D", "?from=https://evil.example&departure=D",
        "?from=us&from=ap&departure=D", "?from=us&departure=short", "?from=us&departure=D&departure=D",
        "?from=us&departure=D%0d%0aX:y", "?from=US&departure=D",
    ])
    func `a visit leads to a region of the configuration and nowhere else`(query: String) async throws {
        try await RegionWorld.run { world in
            let name = String(repeating: "0a", count: 16)
            let answer = try await world.browser().get(
                "\(world.eu.origin)/sso/region/visit\(query.replacing("D", with: name))")
            #expect(answer.status == 400 && answer.location.isEmpty)
            #expect(answer.headers.all("Set-Cookie").allSatisfy { !$0.contains("sso_visit") })
        }
    }

    @Test func `a prefetch and a HEAD use nothing up`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            func use(_ url: String) async throws -> TestBrowser.Answer {
                #expect(try await browser.get(url, headers: ["Sec-Purpose": "prefetch"]).status == 403)
                #expect(try await browser.head(url).status == 204)
                return try await browser.get(url)
            }
            let toVisit = try await browser.callBack(world.standIn.click()).location
            let toTicket = try await use(toVisit).location
            let toArrival = try await use(toTicket).location
            let arrived = try await use(toArrival)
            #expect(arrived.status == 303 && arrived.session != nil)
        }
    }

    @Test func `without regions there are no such addresses`() async throws {
        try await LoginWorld.run { world in
            for path in RegionEndpoints.paths {
                let answer = try await world.browser().get(path)
                #expect(answer.status == 404)
            }
        }
    }
}

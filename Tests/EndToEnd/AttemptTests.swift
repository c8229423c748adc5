import HTTP
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// RT-102: how many codes one address may try, and what that costs others.
@Suite struct AttemptTests {
    private static func made(_ number: Int) -> String { "code=made-up-\(number)" }

    private static func from(_ address: String) -> HTTPHeaders { ["X-Forwarded-For": address] }

    @Test func `RT-102: of two hundred codes at once from one address twenty are exchanged`() async throws {
        try await LoginWorld.run { world in
            let answers = try await ConcurrencyTests.atOnce(200) { number in
                try await world.browser().get(
                    "/sso/callback?" + Self.made(number), headers: Self.from("203.0.113.7"))
            }
            #expect(world.standIn.counters.exchanges == 20)
            let refused = answers.filter { $0.status == 429 }
            #expect(refused.count == 180)
            for page in refused {
                let seconds = Int(page.headers["Retry-After"] ?? "") ?? 0
                #expect((290...300).contains(seconds) && page.title == LoginFailure.tooManyAttempts.title)
                #expect(page.body.contains("Please wait 5 minutes"))
            }
            let other = try await world.browser().get(
                "/sso/callback?" + world.standIn.click(), headers: Self.from("203.0.113.8"))
            #expect(other.status == 303)
            world.plan.clock.advance(by: 301)
            let later = try await world.browser().get(
                "/sso/callback?" + world.standIn.click(), headers: Self.from("203.0.113.7"))
            #expect(later.status == 303)
        }
    }

    @Test(arguments: [StandInFault.token400, .token429, .token500, .tokenEmpty, .expired, .noRole])
    func `RT-102: every fruitless exchange counts, whatever became of it`(_ fault: StandInFault) async throws {
        try await LoginWorld.run { world in
            world.standIn.fail(fault)
            for _ in 0..<25 {
                _ = try await world.browser().get(
                    "/sso/callback?" + world.standIn.click(), headers: Self.from("203.0.113.7"))
            }
            #expect(world.standIn.counters.exchanges == 20)
        }
    }

    @Test func `RT-134: a code that never left is no attempt`() async throws {
        try await LoginWorld.run { world in
            try await world.expectLogin(303)
            await world.standIn.stop()
            for number in 0..<25 {
                let answer = try await world.browser().get(
                    "/sso/callback?" + Self.made(number), headers: Self.from("203.0.113.7"))
                #expect(answer.status == 502 && answer.title == LoginFailure.providerUnreachable.title)
            }
        }
    }

    @Test func `RT-102: what succeeds, and what is known already, is given back`() async throws {
        try await LoginWorld.run { world in
            var last = ""
            for _ in 0..<30 {
                last = world.standIn.click()
                let answer = try await world.browser().get("/sso/callback?" + last, headers: Self.from("203.0.113.7"))
                #expect(answer.status == 303)
            }
            for _ in 0..<30 {
                let answer = try await world.browser().get("/sso/callback?" + last, headers: Self.from("203.0.113.7"))
                #expect(answer.status == 303 && answer.location.hasPrefix("/sso/start"))
            }
            #expect(world.standIn.counters.exchanges == 30)
        }
    }

    /// A load balancer that writes the client's port, which the client chooses; and one person's block of addresses.
    @Test(arguments: [
        "203.0.113.7:5#", "[2001:db8::7]:5#", "[2001:db8::#]", "2001:db8::#", "198.51.100.1, 203.0.113.7:5#",
    ])
    func `RT-102: an address with a port, or of one block, is one client`(_ pattern: String) async throws {
        try await LoginWorld.run { world in
            func from(_ number: Int) -> HTTPHeaders {
                Self.from(pattern.replacing("#", with: String(format: number)))
            }
            for number in 0..<25 {
                _ = try await world.browser().get("/sso/callback?" + Self.made(number), headers: from(number))
            }
            #expect(world.standIn.counters.exchanges == 20)
            let other = try await world.browser().get(
                "/sso/callback?" + world.standIn.click(), headers: Self.from("203.0.113.8"))
            #expect(other.status == 303)
        }
    }

    /// If clients cannot be distinguished, guesses do not soon block all of them, and still have a limit.
    @Test(arguments: [nil, "unknown", "_hidden", "203.0.113.7.9"])
    func `RT-102: an unreadable address counts for the peer, with a limit for many clients`(
        _ address: String?
    ) async throws {
        try await LoginWorld.run { world in
            world.standIn.fail(.token400)
            @Sendable func attempt(_ query: String) async throws -> Int {
                try await world.browser().get("/sso/callback?" + query, headers: address.map(Self.from) ?? [:]).status
            }
            let statuses = try await ConcurrencyTests.atOnce(100) { try await attempt(Self.made($0)) }
            #expect(statuses.allSatisfy { $0 == 400 })
            world.standIn.fail(.none)
            #expect(try await attempt(world.standIn.click()) == 303)
        }
    }
}

extension String {
    fileprivate init(format number: Int) { self = (number < 10 ? "00" : "0") + "\(number)" }
}

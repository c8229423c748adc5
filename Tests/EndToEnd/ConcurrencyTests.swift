import Testing

@testable import ProviderStandIn
@testable import sso_gateway

@Suite struct ConcurrencyTests {
    @Test func `RT-45: of fifty equal callbacks at once exactly one makes a session`() async throws {
        try await LoginWorld.run { world in
            let query = world.standIn.click()
            let answers = try await Self.atOnce(50) { _ in try await world.browser().callBack(query) }
            #expect(answers.count { $0.session != nil } == 1)
            #expect(answers.allSatisfy { $0.status == 303 })
            // The others wait for it, and are led to a login of their own.
            #expect(answers.count { $0.location == "/sso/start?integration=acme&rd=%2Fdashboard" } == 49)
            #expect(world.standIn.counters.exchanges == 1)
        }
    }

    @Test func `RT-46: each of a thousand members at the same time gets only their own session`() async throws {
        try await LoginWorld.run {
            $0.integrations[0].installations[0].members = Self.crowd(1000)
        } _: { world in
            let mistaken = try await Self.atOnce(1000) { number -> String? in
                let browser = world.browser()
                let user = Self.user(number)
                let answer = try await browser.callBack(world.standIn.click(user))
                // Under a sanitizer the last logins may time out. They have no session then, never another member's.
                if answer.status == 504, answer.session == nil { return Self.late }
                guard answer.status == 303 else { return "\(user): \(answer.status) \(answer.title)" }
                let session = try await browser.session() ?? ""
                let isOwn =
                    session.contains(#""user_id":"\#(user)""#) && session.contains(#""name":"Member \#(number)""#)
                    && session.contains(#""role":"\#(number % 2 == 0 ? "ADMIN" : "USER")""#)
                return isOwn ? nil : "\(user): \(session)"
            }.compactMap(\.self)
            let wrong = mistaken.filter { $0 != Self.late }
            #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(3))")
            #expect(mistaken.count - wrong.count < 50)
            #expect(world.standIn.counters.exchanges == 1000)
            #expect(world.standIn.counters.keyFetches == 1)
        }
    }

    private static let late = "late"

    static func user(_ number: Int) -> String {
        "c0ffee" + String(repeating: "0", count: 6 - String(number).count) + String(number)
    }

    static func crowd(_ count: Int) -> [StandInSettings.Member] {
        (0..<count).map { number in
            StandInSettings.Member(
                userID: user(number), role: number % 2 == 0 ? "ADMIN" : "USER", name: "Member \(number)",
                email: "member\(number)@analytical.example")
        }
    }

    static func atOnce<Result: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup { group in
            for number in 0..<count { group.addTask { try await work(number) } }
            var results: [Result] = []
            for try await result in group { results.append(result) }
            return results
        }
    }
}

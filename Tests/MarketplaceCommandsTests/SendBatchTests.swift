import HTTP
import Testing

@testable import sso_gateway

/// Records: 1 is data of a day, 2 an invoice with an externalId, 3 one without.
@Suite struct `Sending a batch` {
    private typealias Answer = BatchWorld.Answer

    @Test func `announces each record before it is sent and never sends a confirmed one again`() async throws {
        let world = try BatchWorld()
        #expect(world.records.map(\.repetition) == [.replaces, .isRefused, .mayDouble])
        let first = try await world.run([.confirmed, .confirmed, .confirmed])
        #expect(first.outcomes.map(\.outcome) == [.confirmed, .confirmed, .confirmed])
        #expect(world.words == ["sending", "confirmed", "sending", "confirmed", "sending", "confirmed"])
        let second = try await world.run([])
        #expect(second.outcomes.map(\.outcome) == [.earlier, .earlier, .earlier] && world.sent == [])
    }

    struct Case: Sendable {
        let record: Int
        let answers: [BatchWorld.Answer]
        let outcome: BatchOutcome
        let pauses: [Int64]
        let last: String
    }

    private static let unsent = "The marketplace gave no answer. The call was not sent."
    private static let doubt = "The marketplace gave no answer. The call may have taken effect."

    static let cases: [Case] = [
        // A lost answer: sent again where the marketplace acts once.
        .init(record: 1, answers: [.lost, .confirmed], outcome: .confirmed, pauses: [1], last: "confirmed"),
        .init(record: 2, answers: [.lost, .refused(409)], outcome: .exists, pauses: [1], last: "exists"),
        .init(
            record: 2, answers: [.refused(502), .refused(429), .refused(409)], outcome: .exists, pauses: [1, 2],
            last: "exists"),
        .init(record: 3, answers: [.lost], outcome: .unknown("timedOut"), pauses: [], last: "no_answer"),
        .init(record: 3, answers: [.refused(500)], outcome: .unknown("500 code"), pauses: [], last: "no_answer"),
        .init(
            record: 3, answers: [.broker(504, "timed_out", doubt)], outcome: .unknown("504 timed_out: \(doubt)"),
            pauses: [], last: "no_answer"),
        .init(
            record: 1, answers: [.lost, .lost, .lost, .lost], outcome: .unknown("timedOut"), pauses: [1, 2, 4],
            last: "no_answer"),
        // Not acted on: waits as long as Retry-After says, and sends every kind again.
        .init(
            record: 3, answers: [.refused(429, headers: ["Retry-After": "7"]), .confirmed], outcome: .confirmed,
            pauses: [7], last: "confirmed"),
        .init(
            record: 3,
            answers: [
                .broker(429, "rate", wait: "9"), .broker(503, "busy", wait: "1"),
                .broker(429, "client_rate", wait: "3"), .confirmed,
            ],
            outcome: .confirmed, pauses: [9, 1, 3], last: "confirmed"),
        .init(
            record: 3, answers: [.unreachable, .broker(502, "unreachable", unsent), .confirmed], outcome: .confirmed,
            pauses: [1, 2], last: "confirmed"),
        .init(record: 3, answers: [.refused(401), .confirmed], outcome: .confirmed, pauses: [1], last: "confirmed"),
        .init(
            record: 3, answers: [.refused(429, headers: ["Retry-After": "101"])], outcome: .notSent("429 code"),
            pauses: [], last: "not_sent"),
        .init(
            record: 3, answers: [.refused(429, headers: ["Retry-After": "0"]), .confirmed], outcome: .confirmed,
            pauses: [1], last: "confirmed"),
        .init(
            record: 3, answers: [.refused(429, headers: ["Retry-After": "9223372036854775807"])],
            outcome: .notSent("429 code"), pauses: [], last: "not_sent"),
        .init(
            record: 1, answers: [.lost, .refused(429, headers: ["Retry-After": "100"])], outcome: .unknown("429 code"),
            pauses: [1], last: "not_sent"),
        .init(
            record: 2, answers: [.lost, .refused(403)],
            outcome: .refused(
                "403 code (No.). The installation's token may not do this. An earlier try may have arrived."),
            pauses: [1], last: "refused"),
        // An invoice that was there before the first try is another one, as far as anyone knows.
        .init(record: 2, answers: [.refused(409)], outcome: .conflict("409 code (No.)"), pauses: [], last: "conflict"),
        .init(
            record: 2, answers: [.broker(409, "integration")],
            outcome: .refused("409 integration (No.). Name the integration with --integration."), pauses: [],
            last: "refused"),
        // In test mode an invoice can be accepted and not be made.
        .init(
            record: 2, answers: [.init(body: #"{"test":true,"validationErrors":["Too early"]}"#)],
            outcome: .refused("Too early. Correct it and send it again."), pauses: [], last: "refused"),
        .init(
            record: 1, answers: [.refused(400)],
            outcome: .refused("400 code (No.). Correct what the message names and send it again."), pauses: [],
            last: "refused"),
    ]

    @Test(arguments: cases.indices) func `takes each answer for what it says`(_ index: Int) async throws {
        let each = Self.cases[index]
        let world = try BatchWorld()
        let batch = try await world.run(each.answers, of: [each.record])
        #expect(batch.outcomes.map(\.outcome) == [each.outcome])
        #expect(world.pauses == each.pauses && world.sent.count == each.answers.count && world.answers.isEmpty)
        #expect(world.words.last == each.last)
    }

    @Test func `sends a refused record again in the next run, and the rest in this one`() async throws {
        let world = try BatchWorld()
        let first = try await world.run([.refused(424, "gone"), .confirmed, .confirmed])
        #expect(first.stopped == nil && world.sent == [1, 2, 3])
        let second = try await world.run([.confirmed])
        #expect(second.outcomes.map(\.outcome) == [.confirmed, .earlier, .earlier] && world.sent == [1])
    }

    @Test func `does not send again what may double, until it is settled`() async throws {
        let world = try BatchWorld()
        _ = try await world.run([.confirmed, .confirmed, .lost])
        let second = try await world.run([])
        #expect(second.outcomes.last?.outcome == .unknown("an earlier run ended before the answer came"))
        #expect(world.sent == [])
        try world.journal().note(.sendAgain, world.records[2])
        let third = try await world.run([.confirmed])
        #expect(third.outcomes.last?.outcome == .confirmed && world.sent == [3])
    }

    @Test(arguments: [
        BatchWorld.Answer.broker(401, "client_token"), .broker(403, "operation"), .broker(429, "guesses", wait: "60"),
    ])
    func `stops at once where no record can be sent`(_ answer: BatchWorld.Answer) async throws {
        let world = try BatchWorld()
        let batch = try await world.run([answer])
        #expect(world.sent == [1] && batch.stopped != nil)
        #expect(batch.outcomes.allSatisfy { if case .notSent = $0.outcome { true } else { false } })
        #expect(world.words == ["sending", "not_sent"])
    }

    @Test func `stops where nothing answers, and goes on after a single silence`() async throws {
        let world = try BatchWorld()
        let silence = try await world.run(Array(repeating: .lost, count: 9))
        #expect(silence.stopped?.hasPrefix("3 records in a row without an answer") == true)
        let again = try await BatchWorld().run([.lost, .lost, .lost, .lost, .confirmed, .lost])
        #expect(again.stopped == nil && again.outcomes[1].outcome == .confirmed)
    }

    @Test func `reports what needs a person, and how to settle it`() async throws {
        let world = try BatchWorld()
        let batch = try await world.run([.confirmed, .refused(409), .lost])
        let report = BatchReport(file: "month.csv", outcomes: batch.outcomes, stopped: batch.stopped)
        #expect(report.hasUnknown && !report.isComplete)
        #expect(report.complaints.count == 2)
        #expect(
            report.complaints[0].contains(
                "month.csv:5: invoice inv-1 of icfg_1: there is an invoice with this externalId"))
        #expect(report.complaints[1].contains("--arrived 6 or --send-again 6"))
        #expect(report.text(Terminal()).contains("confirmed  1") && report.json.contains(#""unknown":1"#))
        #expect(report.json.contains(#""line":6,"operation":"submitInvoice""#))
    }

    @Test func `reports a file that is refused for programs, too`() {
        let problems = [BatchProblem(line: 4, "total must be an amount."), BatchProblem(line: 0, "has no line.")]
        #expect(
            BatchReport.json(of: problems, in: "a.csv")
                == #"{"file":"a.csv","refused_file":true,"problems":[{"line":4,"message":"total must be an amount."},"#
                + #"{"line":0,"message":"has no line."}]}"#)
    }

    @Test func `shows its progress on one line`() {
        #expect(BatchProgress.line(3, 12, nil) == "3 of 12 records, 25 %")
        #expect(BatchProgress.line(0, 0, "429 rate: waiting 9 s") == "0 of 0 records, 100 %, 429 rate: waiting 9 s")
        #expect(BatchProgress.line(1, 2, String(repeating: "x", count: 200)).count == 78)
    }
}

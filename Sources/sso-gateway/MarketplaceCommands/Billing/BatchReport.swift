import JOSE
import Marketplace
import Untrusted

/// What people and programs see of a batch.
struct BatchReport {
    let file: String
    let outcomes: [(record: BatchRecord, outcome: BatchOutcome)]
    let stopped: String?

    private func count(_ isCounted: (BatchOutcome) -> Bool) -> Int { outcomes.count { isCounted($0.outcome) } }

    var counts: [(name: String, count: Int)] {
        let isRefused = { (outcome: BatchOutcome) in if case .refused = outcome { true } else { false } }
        let isConflict = { (outcome: BatchOutcome) in if case .conflict = outcome { true } else { false } }
        let isUnknown = { (outcome: BatchOutcome) in if case .unknown = outcome { true } else { false } }
        let isNotSent = { (outcome: BatchOutcome) in if case .notSent = outcome { true } else { false } }
        return [
            ("confirmed", count { $0 == .confirmed }), ("confirmed earlier", count { $0 == .earlier }),
            ("had arrived", count { $0 == .exists }), ("refused", count(isRefused)), ("conflict", count(isConflict)),
            ("unknown", count(isUnknown)), ("not sent", count(isNotSent)),
        ]
    }

    var isComplete: Bool { outcomes.allSatisfy { [.confirmed, .earlier, .exists].contains($0.outcome) } }

    /// Whether a person has to find out what arrived.
    var hasUnknown: Bool { count { if case .unknown = $0 { true } else { false } } > 0 }

    func text(_ terminal: Terminal) -> String {
        let shown = counts.filter { $0.count > 0 }.map { ($0.name, "\($0.count)") }
        let mark = isComplete ? terminal.good("✓") : terminal.bad("✗")
        return "\(mark) \(file.visible): \(outcomes.count) records\n" + Columns.rows(shown)
    }

    /// One for each record that needs a look.
    var complaints: [String] {
        var lines = outcomes.compactMap { record, outcome in
            Self.problem(outcome, record).map {
                "\(file):\(record.line): \(record.label): \($0.message). \($0.next)".visible
            }
        }
        if let stopped {
            lines.append("Stopped: \(stopped.visible)\nStart the same command again: it goes on where it stopped.")
        }
        return lines
    }

    var json: String {
        var members: [(name: UntrustedText, value: JSONValue)] = [
            ("file", .string(file)), ("records", .integer(Int64(outcomes.count))),
        ]
        members += counts.map {
            (UntrustedText($0.name.replacing(" ", with: "_")), .integer(Int64($0.count)))
        }
        let problems = outcomes.compactMap { record, outcome in
            Self.problem(outcome, record).map { problem in
                JSONValue.object([
                    "line": .integer(Int64(record.line)), "operation": .string(record.call.operation.name),
                    "record": .string(record.label), "state": .string(problem.state),
                    "message": .string(problem.message), "next": .string(problem.next),
                ])
            }
        }
        members += [("stopped", stopped.map { .string($0) } ?? .null), ("problems", .array(problems))]
        return String(decoding: JSONObject(members).encoded, as: UTF8.self)
    }

    /// Of a file that is refused as a whole.
    static func json(of problems: [BatchProblem], in file: String) -> String {
        let list = problems.map { problem in
            JSONValue.object(["line": .integer(Int64(problem.line)), "message": .string(problem.message)])
        }
        let object: JSONObject = ["file": .string(file), "refused_file": .bool(true), "problems": .array(list)]
        return String(decoding: object.encoded, as: UTF8.self)
    }

    private static func problem(
        _ outcome: BatchOutcome, _ record: BatchRecord
    ) -> (state: String, message: String, next: String)? {
        let settle = "then settle it with --arrived \(record.line) or --send-again \(record.line)."
        return switch outcome {
        case .confirmed, .earlier, .exists, .notSent: nil
        case .refused(let why): ("refused", "refused: \(why)", "It is sent again when the command is started again.")
        case .conflict(let why):
            (
                "conflict", "there is an invoice with this externalId already: \(why)",
                "Compare the two in the dashboard, \(settle)"
            )
        case .unknown(let why) where record.repetition == .mayDouble:
            (
                "unknown", "may have arrived: \(why)",
                "The API has no look-up for an invoice without externalId. Look in the dashboard, \(settle)"
            )
        case .unknown(let why):
            ("unknown", "may have arrived: \(why)", "Start the same command again: a second copy does no harm.")
        }
    }
}

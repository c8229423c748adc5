import HTTP
import JOSE
import Marketplace
import Untrusted

/// What became of a record in this run.
enum BatchOutcome: Equatable {
    case confirmed
    /// In an earlier run.
    case earlier
    /// An earlier try had arrived.
    case exists
    case conflict(String)
    case refused(String)
    /// It may have arrived, and only a person can find out.
    case unknown(String)
    case notSent(String)
}

/// How one try went.
enum BatchTry: Equatable {
    case confirmed(CallAnswer.Summary)
    case isThere(CallAnswer.Summary)
    case refused(CallAnswer.Summary)
    /// Not acted on. `after` in seconds; nil where the answer does not say.
    case later(after: Int64?, String)
    case noAnswer(String)
    /// No record can be sent: the client itself is refused.
    case impossible(CallAnswer.Summary)

    init(_ answer: CallAnswer, _ record: BatchRecord, tries: Int) {
        let summary = answer.summary(of: record.call)
        if answer.isBrokers {
            self =
                switch answer.code {
                case "client_token", "guesses", "operation": .impossible(summary)
                case _ where NextStep.waits.contains(answer.code):
                    .later(after: answer.retryAfter, "\(answer.status) \(answer.code)")
                case _ where NextStep.isNotSent(answer): .later(after: answer.retryAfter, answer.message)
                case _ where answer.status >= 500: .noAnswer("\(answer.status) \(answer.code): \(answer.message)")
                default: .refused(summary)
                }
            return
        }
        switch answer.status {
        case 200..<300:
            // An invoice in test mode that is not valid: no invoice was made.
            self = summary.validationErrors.isEmpty ? .confirmed(summary) : .refused(summary)
        case 409 where record.repetition == .isRefused: self = .isThere(summary)
        // A short-lived token may have expired early; the gateway gets a new one for the next call.
        case 401 where tries == 1: self = .later(after: 1, "401 \(answer.code)")
        case 429: self = .later(after: answer.retryAfter, "429 \(answer.code)")
        case 500...599: self = .noAnswer("\(answer.status) \(answer.code)")
        default: self = .refused(summary)
        }
    }

    init(_ error: HTTPClientError) {
        self = error.requestWasNeverWritten ? .later(after: nil, "\(error)") : .noAnswer("\(error)")
    }
}

extension CallAnswer {
    /// What is kept of an answer.
    struct Summary: Equatable {
        let status: Int
        let code: String
        let text: String
        let next: String
        let vercelID: String?
        let validationErrors: [String]
    }

    func summary(of call: APICall) -> Summary {
        var errors: [String] = []
        if case .object(let object)? = json, case .array(let values)? = object["validationErrors"] {
            errors = values.compactMap { $0.text?.string.visible }
        }
        let text = ["\(status)", code, message.isEmpty ? "" : "(\(message))"].filter { !$0.isEmpty }
        return Summary(
            status: status, code: code, text: (errors.isEmpty ? text : errors).joined(separator: " "),
            next: errors.isEmpty ? NextStep.after(self, call) : "Correct it and send it again.", vercelID: vercelID,
            validationErrors: errors)
    }
}

/// Sends the records of a batch, one after the other, and keeps the journal.
struct SendBatch {
    /// A record without an answer is sent again so often, if that is harmless.
    static let mostTries = 4
    /// So many records without an answer in a row end the batch: nothing is there to answer.
    static let mostSilent = 3

    /// Why a batch ends before its end; nil for none.
    private(set) var stopped: String?
    private(set) var outcomes: [(record: BatchRecord, outcome: BatchOutcome)] = []
    private let journal: BatchJournal
    /// How long one record waits at most, all its pauses together. In seconds.
    private let patience: Int64
    private let send: (APICall) async throws(HTTPClientError) -> CallAnswer
    private let pause: (_ seconds: Int64) async -> Void
    private var silent = 0

    init(
        _ journal: BatchJournal, patience: Int64,
        send: @escaping (APICall) async throws(HTTPClientError) -> CallAnswer,
        pause: @escaping (_ seconds: Int64) async -> Void = { try? await Task.sleep(for: .seconds($0)) }
    ) {
        self.journal = journal
        self.patience = patience
        self.send = send
        self.pause = pause
    }

    /// `progress`: the number of records that are through, and what is waited for, if anything.
    mutating func run(
        _ records: [BatchRecord], progress: (_ done: Int, _ waiting: String?) -> Void
    ) async throws(BatchJournal.Problem) {
        for record in records {
            let outcome: BatchOutcome
            if let stopped {
                outcome = known(record) ?? .notSent(stopped)
            } else if let known = known(record) {
                outcome = known
            } else {
                let done = outcomes.count
                outcome = try await deliver(record) { progress(done, $0) }
            }
            outcomes.append((record, outcome))
            progress(outcomes.count, nil)
        }
    }

    /// What the journal says of a record that is not to be sent.
    private func known(_ record: BatchRecord) -> BatchOutcome? {
        switch journal.state(of: record) {
        case .done: .earlier
        case .conflict: .conflict("an earlier run found another invoice with this externalId")
        case .inDoubt where record.repetition == .mayDouble:
            .unknown("an earlier run ended before the answer came")
        case .inDoubt, .open: nil
        }
    }

    private mutating func deliver(
        _ record: BatchRecord, _ waiting: (String?) -> Void
    ) async throws(BatchJournal.Problem) -> BatchOutcome {
        var waited: Int64 = 0
        for tries in 1... {
            let wasInDoubt = journal.state(of: record) == .inDoubt
            try journal.note(.sending, record)
            let result: BatchTry
            do { result = BatchTry(try await send(record.call), record, tries: tries) } catch {
                result = BatchTry(error)
            }
            if case .noAnswer = result {} else { silent = 0 }
            let delay: Int64
            let reason: String
            switch result {
            case .confirmed(let answer):
                try journal.note(.confirmed, record, Self.details(answer))
                return .confirmed
            case .isThere(let answer):
                try journal.note(wasInDoubt ? .exists : .conflict, record, Self.details(answer))
                return wasInDoubt ? .exists : .conflict(answer.text)
            case .refused(let answer):
                try journal.note(.refused, record, Self.details(answer))
                let earlier = wasInDoubt ? " An earlier try may have arrived." : ""
                return .refused("\(answer.text). \(answer.next)\(earlier)")
            case .impossible(let answer):
                try journal.note(.notSent, record, Self.details(answer))
                stopped = "\(answer.text). \(answer.next)"
                return .notSent(answer.text)
            case .later(let after, let why):
                try journal.note(.notSent, record, [("reason", .string(why))])
                (delay, reason) = (max(after ?? Self.backoff(tries), 1), why)
                guard delay <= patience - waited else {
                    stopped = "\(why): still so after \(waited) s"
                    return wasInDoubt ? .unknown(why) : .notSent(why)
                }
            case .noAnswer(let why):
                try journal.note(.noAnswer, record, [("reason", .string(why))])
                (delay, reason) = (Self.backoff(tries), why)
                guard record.repetition != .mayDouble, tries < Self.mostTries, delay <= patience - waited else {
                    silent += 1
                    if silent >= Self.mostSilent { stopped = "\(silent) records in a row without an answer: \(why)" }
                    return .unknown(why)
                }
            }
            waited += delay
            waiting("\(reason): waiting \(delay) s")
            await pause(delay)
        }
        preconditionFailure("The loop ends by a return.")
    }

    /// In seconds.
    private static func backoff(_ tries: Int) -> Int64 { 1 << Int64(min(tries - 1, 5)) }

    private static func details(_ answer: CallAnswer.Summary) -> [(name: UntrustedText, value: JSONValue)] {
        [("status", .integer(Int64(answer.status)))]
            + (answer.code.isEmpty ? [] : [("code", .string(answer.code))])
            + (answer.vercelID.map { [("vercel_id", .string($0))] } ?? [])
    }
}

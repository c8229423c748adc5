import Glibc
import JOSE
import Untrusted

/// What is known of each record of a batch, in a file that outlives the process: one JSON object a line, each on disk before
/// the next step. A record is announced before it is sent and settled behind its answer, so that a process that is killed
/// between leaves a record that may have arrived, and no record of which nothing is known.
final class BatchJournal {
    struct Problem: Error, CustomStringConvertible {
        let description: String
        /// On one line, whatever the file is called.
        init(_ description: String) { self.description = description.visible }
    }

    /// What a line says. The raw values are the file's words.
    enum Word: String, CaseIterable {
        /// It is about to be sent.
        case sending
        /// The marketplace has accepted it.
        case confirmed
        /// It had accepted it before, in a try without an answer.
        case exists
        /// It has something else under the same externalId.
        case conflict
        /// It was refused, and nothing came of it.
        case refused
        /// It was not sent, or was sent back untouched.
        case notSent = "not_sent"
        /// There was no answer that says what came of it.
        case noAnswer = "no_answer"
        /// A person has found out that it arrived.
        case arrived
        /// A person has found out that it did not.
        case sendAgain = "send_again"
    }

    enum State: Equatable {
        case open
        /// A try may have arrived.
        case inDoubt
        case done
        case conflict
    }

    /// How the file begins.
    struct Head: Equatable {
        /// SHA-256 of the input.
        let input: String
        /// Nil for a command that sends nothing: it does not begin a journal.
        let broker: String?
    }

    private let file: JournalFile
    private(set) var states: [Int: State] = [:]
    /// Of the process before: it ended between an announcement and an answer.
    private var announced: Set<Int> = []
    /// Whether it was there before this process.
    private(set) var isContinued = false

    /// Opens a journal or begins one. `digests`: of all records, by their numbers.
    init(_ file: JournalFile, _ head: Head, digests: [Int: String], brokerMayDiffer: Bool) throws(Problem) {
        self.file = file
        try load(head, digests, brokerMayDiffer: brokerMayDiffer)
    }

    var path: String { file.path }

    /// Puts a line on disk. `details`: for people.
    func note(
        _ word: Word, _ record: BatchRecord, _ details: [(name: UntrustedText, value: JSONValue)] = []
    ) throws(Problem) {
        var members: [(name: UntrustedText, value: JSONValue)] = [
            ("record", .integer(Int64(record.number))), ("state", .string(word.rawValue)),
        ]
        if word == .sending { members.append(("sha256", .string(record.digest))) }
        try file.append(JSONObject(members + details + [("at", Self.now)]).encoded)
        apply(word, record.number)
    }

    func state(of record: BatchRecord) -> State { states[record.number] ?? .open }
}

extension BatchJournal {
    private static let format = "sso-gateway billing submit 1"
    /// What every head begins with.
    private static let start = Array(#"{"journal":"\#(format)","#.utf8)
    /// Far above what the largest file needs, with all its tries. In bytes.
    private static let maximumSize = 16 * ReadBatch.maximumSize

    private static var now: JSONValue { .string(ISOTime(seconds: Int64(time(nil))).text) }

    /// Changes nothing before the whole file is accepted.
    private func load(_ head: Head, _ digests: [Int: String], brokerMayDiffer: Bool) throws(Problem) {
        let bytes = try file.read(atMost: Self.maximumSize)
        let end = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let lines = bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        guard let first = lines.first else {
            // A process that was killed while it began the journal leaves a part of the head, and has sent nothing.
            guard Self.start.starts(with: bytes) || bytes.starts(with: Self.start) else { throw notOurs }
            guard let broker = head.broker else { throw Problem("\(path) is empty: nothing was sent yet.") }
            try begin(head.input, broker, records: digests.count)
            return
        }
        guard let found = try? JSONObject(parsing: Array(first)), found["journal"]?.isText(Self.format) == true,
            let input = found["input_sha256"]?.text, let address = found["broker"]?.text
        else { throw notOurs }
        // A head alone says that nothing was sent, so the file may be corrected and the journal begun anew.
        if lines.count == 1, let broker = head.broker {
            try begin(head.input, broker, records: digests.count)
            return
        }
        isContinued = true
        guard input.equals(head.input) else {
            throw Problem(
                "\(path) was begun with another file. Send that one to its end, or give this one a --journal of its own."
            )
        }
        let broker = address.string.visible
        guard head.broker == nil || broker == head.broker || brokerMayDiffer else {
            throw Problem(
                "\(path) was begun at \(broker), and this is \(head.broker ?? ""). Give another --journal for another marketplace, or --moved if it is the same gateway."
            )
        }
        for (index, line) in lines.enumerated().dropFirst() {
            guard let line = try? JSONObject(parsing: Array(line)), case .integer(let number)? = line["record"],
                let known = digests[Int(clamping: number)], let word = line["state"]?.text.flatMap({ Word($0) }),
                word != .sending || line["sha256"]?.isText(known) == true, mayFollow(word, Int(number))
            else { throw Problem("\(path):\(index + 1): is damaged, or of another version. Nothing was changed.") }
            apply(word, Int(number))
        }
        for number in announced { states[number] = .inDoubt }
        announced = []
        // A line without its end is what a killed process left: what it announces was not done.
        if end < bytes.count { try file.cut(to: end) }
    }

    private var notOurs: Problem { Problem("\(path) is not a journal of this version. Nothing was changed.") }

    private func begin(_ input: String, _ broker: String, records: Int) throws(Problem) {
        try file.cut(to: 0)
        let head: JSONObject = [
            "journal": .string(Self.format), "input_sha256": .string(input), "records": .integer(Int64(records)),
            "broker": .string(broker), "at": Self.now,
        ]
        try file.append(head.encoded)
        try file.syncFolder()
    }

    /// Whether a process can have written this word next: only what was announced, with its digest, has an answer.
    private func mayFollow(_ word: Word, _ number: Int) -> Bool {
        let isAnnounced = announced.contains(number)
        return switch word {
        case .sending: states[number] != .done && states[number] != .conflict
        case .confirmed, .exists, .conflict, .refused, .notSent, .noAnswer: isAnnounced
        case .arrived, .sendAgain: isAnnounced || states[number] == .inDoubt || states[number] == .conflict
        }
    }

    private func apply(_ word: Word, _ number: Int) {
        if announced.contains(number), word == .sending { states[number] = .inDoubt }
        announced.remove(number)
        switch word {
        case .sending: announced.insert(number)
        case .confirmed, .exists, .arrived: states[number] = .done
        case .conflict: states[number] = .conflict
        case .noAnswer: states[number] = .inDoubt
        // An earlier try without an answer stays in doubt.
        case .refused, .notSent: break
        case .sendAgain: states[number] = .open
        }
    }
}

import Glibc
import JOSE
import SecretMemory
import Untrusted

/// What is known of each record of a batch, in a file that outlives the process: one JSON object a line, each on disk before
/// the next step. A record is announced before it is sent and settled behind its answer, so that a process that is killed
/// between leaves a record that may have arrived, and no record of which nothing is known.
final class BatchJournal {
    struct Problem: Error, CustomStringConvertible { let description: String }

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

    let path: String
    private let descriptor: Int32
    private(set) var states: [Int: State] = [:]
    /// Of the process before: it ended between an announcement and an answer.
    private var announced: Set<Int> = []
    /// Whether it was there before this process.
    private(set) var isContinued = false

    /// Opens a journal or begins one. `digests`: of all records, by their numbers.
    init(_ path: String, _ head: Head, digests: [Int: String], brokerMayDiffer: Bool) throws(Problem) {
        self.path = path
        let create = head.broker == nil ? 0 : O_CREAT
        descriptor = unsafe open(path, O_RDWR | create | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw Problem(description: "cannot open \(path): \(ReadFile.reason())") }
        do throws(Problem) {
            // Two processes would send everything twice. The lock ends with the process, however that ends.
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw Problem(description: "\(path) is in use: another process is sending this file.")
            }
            try load(head, digests, brokerMayDiffer: brokerMayDiffer)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Puts a line on disk. `details`: for people.
    func note(
        _ word: Word, _ record: BatchRecord, _ details: [(name: UntrustedText, value: JSONValue)] = []
    ) throws(Problem) {
        var members: [(name: UntrustedText, value: JSONValue)] = [
            ("record", .integer(Int64(record.number))), ("state", .string(word.rawValue)),
        ]
        if word == .sending { members.append(("sha256", .string(record.digest))) }
        try append(JSONObject(members + details + [("at", Self.now)]))
        apply(word, record.number)
    }

    func state(of record: BatchRecord) -> State { states[record.number] ?? .open }
}

extension BatchJournal {
    private static let format = "sso-gateway billing submit 1"
    /// Far above what the largest file needs, with all its tries. In bytes.
    private static let maximumSize = 16 * ReadBatch.maximumSize

    private static var now: JSONValue { .string(ISOTime(seconds: Int64(time(nil))).text) }

    private func load(_ head: Head, _ digests: [Int: String], brokerMayDiffer: Bool) throws(Problem) {
        var lines = try read()
        // A head alone says that nothing was sent, so the file may be corrected and the journal begun anew.
        if lines.count == 1, head.broker != nil, lines[0]["journal"]?.isText(Self.format) == true {
            guard ftruncate(descriptor, 0) == 0 else {
                throw Problem(description: "cannot write \(path): \(ReadFile.reason())")
            }
            lines = []
        }
        guard !lines.isEmpty else {
            guard let broker = head.broker else {
                throw Problem(description: "\(path) is empty: nothing was sent yet.")
            }
            try append([
                "journal": .string(Self.format), "input_sha256": .string(head.input),
                "records": .integer(Int64(digests.count)), "broker": .string(broker), "at": Self.now,
            ])
            try syncFolder()
            return
        }
        isContinued = true
        let first = lines.removeFirst()
        guard first["journal"]?.isText(Self.format) == true else {
            throw Problem(description: "\(path) is no journal of this version.")
        }
        guard first["input_sha256"]?.isText(head.input) == true else {
            throw Problem(
                description:
                    "\(path) was begun with another file. Send that one to its end, or give this one a --journal of its own."
            )
        }
        let broker = first["broker"]?.text?.string.visible ?? ""
        guard head.broker == nil || broker == head.broker || brokerMayDiffer else {
            throw Problem(
                description:
                    "\(path) was begun at \(broker), and this is \(head.broker ?? ""). Give another --journal for another marketplace, or --moved if it is the same gateway."
            )
        }
        for (index, line) in lines.enumerated() {
            guard case .integer(let number)? = line["record"], let known = digests[Int(clamping: number)],
                let word = line["state"]?.text.flatMap({ Word($0) }),
                word != .sending || line["sha256"]?.isText(known) == true
            else { throw Problem(description: "\(path):\(index + 2): is damaged, or of another version.") }
            apply(word, Int(number))
        }
        for number in announced { states[number] = .inDoubt }
        announced = []
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

    /// All lines. A last one without its end is what a killed process left: it is cut off, as what it announces was not
    /// done.
    private func read() throws(Problem) -> [JSONObject] {
        let bytes: [UInt8]
        do {
            bytes = try ReadFile.bytes(of: descriptor, path, atMost: Self.maximumSize).exposedBytes
        } catch { throw Problem(description: error.message) }
        let end = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        if end < bytes.count, ftruncate(descriptor, off_t(end)) != 0 {
            throw Problem(description: "cannot repair \(path): \(ReadFile.reason())")
        }
        var objects: [JSONObject] = []
        for line in bytes[..<end].split(separator: UInt8(ascii: "\n")) {
            do { objects.append(try JSONObject(parsing: Array(line))) } catch {
                throw Problem(description: "\(path):\(objects.count + 1): is damaged (\(error.reason)).")
            }
        }
        return objects
    }

    private func append(_ object: JSONObject) throws(Problem) {
        let line = object.encoded + [UInt8(ascii: "\n")]
        var written = 0
        while written < line.count {
            let count = unsafe line[written...].withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else {
                throw Problem(description: "cannot write \(path): \(ReadFile.reason())")
            }
            written += max(count, 0)
        }
        guard fsync(descriptor) == 0 else { throw Problem(description: "cannot write \(path): \(ReadFile.reason())") }
    }

    /// So that the file's name, too, outlives a loss of power.
    private func syncFolder() throws(Problem) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let name = path.contains("/") ? (folder.isEmpty ? "/" : folder) : "."
        let opened = unsafe open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw Problem(description: "cannot open \(name): \(ReadFile.reason())") }
        defer { close(opened) }
        guard fsync(opened) == 0 else { throw Problem(description: "cannot write \(name): \(ReadFile.reason())") }
    }
}

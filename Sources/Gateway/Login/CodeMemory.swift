import Locking

/// The ledger's codes in memory, with the oldest forgotten first.
final class CodeMemory: Sendable {
    private struct Content {
        var codes: [CodeDigest: (result: CodeLedgerEntry?, until: Int64)] = [:]
        var byAge: [(code: CodeDigest, until: Int64)] = []
        var oldest = 0
    }

    /// The largest difference of clock readings in simultaneous requests. In seconds.
    private static let slack: Int64 = 60
    private let capacity: Int
    private let content = Locked(Content())

    init(capacity: Int) { self.capacity = capacity }

    /// Codes that are held, including expired ones that the next entry forgets.
    var count: Int { content.withLock { $0.codes.count } }

    func contains(_ code: CodeDigest) -> Bool { content.withLock { $0.codes[code] != nil } }

    func enter(_ code: CodeDigest, now: Int64, until: Int64) -> CodeLedgerEntry {
        content.withLock { content in
            if let last = content.byAge.last, last.until > until + Self.slack { Self.shorten(&content, to: until) }
            Self.forget(&content, now: now)
            if let known = content.codes[code] { return known.result ?? .unfinished(keptUntil: known.until) }
            // A code that is forgotten before its time could be exchanged twice.
            guard content.codes.count < capacity else { return .full }
            content.codes[code] = (nil, until)
            content.byAge.append((code, until))
            return .first
        }
    }

    /// For a code that is known elsewhere.
    func remove(_ code: CodeDigest) { content.withLock { $0.codes[code] = nil } }

    func complete(_ code: CodeDigest, with session: SessionID?) {
        content.withLock { $0.codes[code]?.result = session.map { .usedFor($0) } ?? .spent }
    }

    /// After the clock was set back, entries from the future would fill the ledger for as long as the clock was wrong.
    private static func shorten(_ content: inout Content, to until: Int64) {
        for place in content.oldest..<content.byAge.count where content.byAge[place].until > until {
            content.byAge[place].until = until
            content.codes[content.byAge[place].code]?.until = until
        }
    }

    private static func forget(_ content: inout Content, now: Int64) {
        while content.oldest < content.byAge.count, content.byAge[content.oldest].until <= now {
            // A code that was removed may have been entered again since then.
            let code = content.byAge[content.oldest].code
            if let known = content.codes[code], known.until <= now { content.codes[code] = nil }
            content.oldest += 1
        }
        if content.oldest > 4096, content.oldest * 2 > content.byAge.count {
            content.byAge.removeFirst(content.oldest)
            content.oldest = 0
        }
    }
}

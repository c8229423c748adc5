import Locking

/// Codes in this process's memory, forgotten in the order of their age.
final class CodeMemory: Sendable {
    private struct Page {
        var codes: [CodeDigest: (result: CodeLedgerEntry?, until: Int64)] = [:]
        var byAge: [(code: CodeDigest, until: Int64)] = []
        var oldest = 0
    }

    /// How far clocks of requests at once may lie apart. In seconds.
    private static let slack: Int64 = 60
    private let capacity: Int
    private let page = Locked(Page())

    init(capacity: Int) { self.capacity = capacity }

    func enter(_ code: CodeDigest, now: Int64, until: Int64) -> CodeLedgerEntry {
        page.withLock { page in
            if let last = page.byAge.last, last.until > until + Self.slack { Self.shorten(&page, to: until) }
            Self.forget(&page, now: now)
            if let known = page.codes[code] { return known.result ?? .unfinished(keptUntil: known.until) }
            // Full of codes that are still young: to forget one would be to let it in twice.
            guard page.codes.count < capacity else { return .full }
            page.codes[code] = (nil, until)
            page.byAge.append((code, until))
            return .first
        }
    }

    func complete(_ code: CodeDigest, with session: SessionID?) {
        page.withLock { $0.codes[code]?.result = session.map { .usedFor($0) } ?? .spent }
    }

    /// The clock was set back: entries from the future would fill the ledger for as long as it was wrong.
    private static func shorten(_ page: inout Page, to until: Int64) {
        for place in page.oldest..<page.byAge.count where page.byAge[place].until > until {
            page.byAge[place].until = until
            page.codes[page.byAge[place].code]?.until = until
        }
    }

    private static func forget(_ page: inout Page, now: Int64) {
        while page.oldest < page.byAge.count, page.byAge[page.oldest].until <= now {
            page.codes.removeValue(forKey: page.byAge[page.oldest].code)
            page.oldest += 1
        }
        if page.oldest > 4096, page.oldest * 2 > page.byAge.count {
            page.byAge.removeFirst(page.oldest)
            page.oldest = 0
        }
    }
}

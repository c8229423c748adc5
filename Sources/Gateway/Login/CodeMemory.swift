import Locking

/// Codes in this process's memory, forgotten in the order of their age.
final class CodeMemory: Sendable {
    private struct Page {
        var sessions: [CodeMark: SessionID?] = [:]
        var byAge: [(code: CodeMark, until: Int64)] = []
        var oldest = 0
    }

    private let capacity: Int
    private let page = Locked(Page())

    init(capacity: Int) { self.capacity = capacity }

    func enter(_ code: CodeMark, now: Int64, until: Int64) -> CodeLedgerEntry {
        page.withLock { page in
            Self.forget(&page, now: now)
            if let known = page.sessions[code] { return known.map { .usedFor($0) } ?? .spent }
            // Full of codes that are still young: to forget one would be to let it in twice.
            guard page.sessions.count < capacity else { return .full }
            page.sessions.updateValue(nil, forKey: code)
            page.byAge.append((code, until))
            return .first
        }
    }

    func complete(_ code: CodeMark, with session: SessionID) {
        page.withLock { page in
            if page.sessions.index(forKey: code) != nil { page.sessions.updateValue(session, forKey: code) }
        }
    }

    private static func forget(_ page: inout Page, now: Int64) {
        while page.oldest < page.byAge.count, page.byAge[page.oldest].until <= now {
            page.sessions.removeValue(forKey: page.byAge[page.oldest].code)
            page.oldest += 1
        }
        if page.oldest > 4096, page.oldest * 2 > page.byAge.count {
            page.byAge.removeFirst(page.oldest)
            page.oldest = 0
        }
    }
}

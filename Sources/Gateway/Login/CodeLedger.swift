import Locking
import OpenSSLCrypto
import SecretMemory

/// Which codes have been seen, so that of any number of equal requests exactly one is exchanged. Holds keyed hashes:
/// whoever reads it learns no code.
final class CodeLedger: Sendable {
    enum Entry: Sendable, Equatable {
        /// Nobody has brought this code before: go and exchange it.
        case first
        /// It is being exchanged, or came to nothing.
        case spent
        /// It made this session.
        case usedFor(SessionID)
        /// The ledger is full of codes that are still young: it cannot answer, so nobody may go on.
        case unavailable
    }

    /// Half of a keyed hash: 128 bits, which nobody without the key can make two codes meet in.
    private struct Mark: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ hash: [UInt8]) {
            high = hash[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
            low = hash[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private struct Page {
        var sessions: [Mark: SessionID?] = [:]
        var byAge: [(code: Mark, until: Int64)] = []
        var oldest = 0
    }

    /// In seconds.
    static let retention: Int64 = 600
    private let capacity: Int
    private let key: HMACSHA256
    private let page = Locked(Page())

    init(_ ring: KeyRing, capacity: Int = 500_000) {
        key = HMACSHA256(HKDF.derive(from: ring.keys[0].secret, label: SealingPurpose.ledger.rawValue, count: 32))
        self.capacity = capacity
    }

    /// Enters a code and says what is known of it.
    func enter(_ code: SecretBytes, now: Int64) -> Entry {
        let hash = Mark(key.code(for: code))
        return page.withLock { page in
            Self.forget(&page, now: now)
            if let known = page.sessions[hash] { return known.map(Entry.usedFor) ?? .spent }
            guard page.sessions.count < capacity else { return .unavailable }
            page.sessions.updateValue(nil, forKey: hash)
            page.byAge.append((hash, now + Self.retention))
            return .first
        }
    }

    /// Remembers which session came of a code.
    func complete(_ code: SecretBytes, with session: SessionID) {
        let hash = Mark(key.code(for: code))
        page.withLock { page in
            if page.sessions.index(forKey: hash) != nil { page.sessions.updateValue(session, forKey: hash) }
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

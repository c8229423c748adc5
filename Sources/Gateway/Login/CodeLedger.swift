import OpenSSLCrypto
import SecretMemory

/// Which codes have been seen, so that of any number of equal requests exactly one is exchanged: in memory for a gateway
/// that keeps nothing, in the store for those who share one.
struct CodeLedger: Sendable {
    private enum Pages: Sendable {
        case memory(CodeMemory)
        case store(LiveStore)
    }

    /// In seconds.
    static let retention: Int64 = 600
    private let key: HMACKey
    private let pages: Pages

    /// `capacity`: how many codes fit into memory.
    init(_ ring: KeyRing, store: LiveStore, capacity: Int = 500_000) {
        key = HMACKey(HKDF.derive(from: ring.keys[0].secret, label: SealingPurpose.ledger.rawValue, count: 32))
        pages = store.isShared ? .store(store) : .memory(CodeMemory(capacity: capacity))
    }

    /// What a code is entered and completed as.
    func mark(of code: SecretBytes) -> CodeMark { CodeMark(key.code(for: code)) }

    /// Enters a code and says what is known of it; `.storeUnavailable` where the store does not answer.
    func enter(_ mark: CodeMark, now: Int64) async -> CodeLedgerEntry {
        switch pages {
        case .memory(let memory): return memory.enter(mark, now: now, until: now + Self.retention)
        case .store(let store):
            do { return try await store.enter(mark, now: now, until: now + Self.retention) } catch {
                return .storeUnavailable(error)
            }
        }
    }

    /// Remembers which session came of a code. Should that fail, the code stays spent: its owner's second request meets
    /// a page instead of the app.
    func complete(_ mark: CodeMark, with session: SessionID) async {
        switch pages {
        case .memory(let memory): memory.complete(mark, with: session)
        case .store(let store): try? await store.complete(mark, with: session)
        }
    }
}

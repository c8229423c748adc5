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
    /// A code without a result counts as under way for so long, which is longer than an exchange and a look-up may take;
    /// then whoever exchanged it has died, and it is spent. In seconds.
    static let longestExchange: Int64 = 20
    private let key: HMACKey
    private let pages: Pages
    /// A fiftieth for each client, so that none fills the ledger for the others; all of it where people cannot be told
    /// apart.
    private let shares: AttemptLimiter
    private let waiting: CodeWaiters

    /// `capacity`: how many codes fit into memory.
    init(_ ring: KeyRing, store: LiveStore, capacity: Int = 500_000) {
        shares = AttemptLimiter(
            window: Self.retention, allowed: max(capacity / 50, 1), together: capacity, capacity: 8192)
        key = Self.key(ring)
        pages = store.isShared ? .store(store) : .memory(CodeMemory(capacity: capacity))
        waiting = CodeWaiters()
    }

    /// The ledger of a gateway that takes the place of another one: it knows the same codes.
    init(_ ring: KeyRing, continuing other: CodeLedger) {
        shares = other.shares
        key = Self.key(ring)
        pages = other.pages
        waiting = other.waiting
    }

    /// Under the oldest key, which a rotation leaves where it is: a code has the same digest before and after it, and in
    /// gateways that have not yet read the new ring.
    private static func key(_ ring: KeyRing) -> HMACKey {
        HMACKey(
            HKDF.derive(
                from: ring.keys[ring.keys.count - 1].secret, label: SealingPurpose.ledger.rawValue, count: 32))
    }

    /// What a code is entered and completed as.
    func digest(of code: SecretBytes) -> CodeDigest { CodeDigest(key.code(for: code)) }

    /// Enters a code and says what is known of it: `.unfinished` while it is under way, `.storeUnavailable` where the store
    /// does not answer. `client`: whose share it is, nil for what the gateway itself has issued.
    func enter(_ digest: CodeDigest, from client: ClientAddress?, now: Int64) async -> CodeLedgerEntry {
        guard let client else { return await enter(digest, now: now) }
        do throws(AttemptLimiter.Exhausted) {
            let share = try shares.reserve(client, now: now)
            let entry = await enter(digest, now: now)
            if entry != .first { shares.giveBack(share) }
            return entry
        } catch {
            return .shareIsFull(wait: error.wait)
        }
    }

    private func enter(_ digest: CodeDigest, now: Int64) async -> CodeLedgerEntry {
        let entry: CodeLedgerEntry
        switch pages {
        case .memory(let memory): entry = memory.enter(digest, now: now, until: now + Self.retention)
        case .store(let store):
            do { entry = try await store.enter(digest, now: now, until: now + Self.retention) } catch {
                return .storeUnavailable(error)
            }
        }
        guard case .unfinished(let keptUntil) = entry else { return entry }
        return now + (Self.retention - Self.longestExchange) < keptUntil ? entry : .spent
    }

    /// Enters a code; while it is under way, here or in another process that shares the store, waits for its result. A
    /// person who clicks twice sees the answer to the second request alone.
    func enterAwaitingResult(_ digest: CodeDigest, from client: ClientAddress, clock: Clock) async -> CodeLedgerEntry {
        var isWaiting = false
        defer { if isWaiting { waiting.leave(digest) } }
        // By a clock that never steps: nothing else ends the wait where the wall clock is set back.
        let began = clock.nanoseconds()
        var pause = 50
        while true {
            let entry = await enter(digest, from: client, now: clock.unixSeconds())
            guard case .unfinished = entry else { return entry }
            if !isWaiting {
                isWaiting = waiting.enter(digest)
                guard isWaiting else { return .spent }
            }
            guard clock.nanoseconds() - began < UInt64(Self.longestExchange) * 1_000_000_000 else { return .spent }
            do { try await Task.sleep(for: .milliseconds(pause)) } catch { return .spent }
            pause = min(pause * 3 / 2, 250)
        }
    }

    /// Remembers which session came of a code, nil for none. Should that fail, the code is spent all the same, but only
    /// after `longestExchange`.
    func complete(_ digest: CodeDigest, with session: SessionID?) async {
        switch pages {
        case .memory(let memory): memory.complete(digest, with: session)
        case .store(let store): try? await store.complete(digest, with: session)
        }
    }
}

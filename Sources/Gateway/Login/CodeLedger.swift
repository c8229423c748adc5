import Locking
import OpenSSLCrypto
import SecretMemory

/// The codes of the last minutes, so that exactly one of any number of equal requests exchanges a code. In the store where
/// that outlives the process, otherwise in memory.
struct CodeLedger: Sendable {
    private enum Entries: Sendable {
        case memory(CodeMemory)
        /// `outage`: this gateway's own codes where logins go on without the store.
        case store(LiveStore, outage: CodeMemory)
    }

    /// In seconds.
    static let retention: Int64 = 600
    /// A code without a result counts as under way for so long, which is longer than an exchange and a look-up may take.
    /// After that the process that exchanged it must have ended, and the code is spent. In seconds.
    static let longestExchange: Int64 = 20
    private let key: HMACKey
    private let entries: Entries
    /// A fiftieth for each client, so that none can fill the ledger; all of it for a key that several people share.
    private let shares: AttemptLimiter
    private let waiting: CodeWaiters
    private let whenStoreUnavailable: LoginSettings.WhenStoreUnavailable

    /// `capacity`: how many codes fit into memory.
    init(
        _ ring: KeyRing, store: LiveStore, capacity: Int = 500_000,
        whenStoreUnavailable: LoginSettings.WhenStoreUnavailable = .refuse
    ) {
        shares = AttemptLimiter(
            window: Self.retention, allowed: max(capacity / 50, 1), together: capacity, capacity: 8192)
        key = Self.key(ring)
        let memory = CodeMemory(capacity: capacity)
        entries = store.isShared ? .store(store, outage: memory) : .memory(memory)
        waiting = CodeWaiters()
        self.whenStoreUnavailable = whenStoreUnavailable
    }

    /// The ledger of a gateway that replaces another one: it has the same codes.
    init(
        _ ring: KeyRing, continuing other: CodeLedger,
        whenStoreUnavailable: LoginSettings.WhenStoreUnavailable = .refuse
    ) {
        self.whenStoreUnavailable = whenStoreUnavailable
        shares = other.shares
        key = Self.key(ring)
        entries = other.entries
        waiting = other.waiting
    }

    /// Derived from the oldest key, which a rotation does not change: a code must have the same digest before and after it,
    /// and in gateways that have not yet read the new ring.
    private static func key(_ ring: KeyRing) -> HMACKey {
        HMACKey(
            HKDF.derive(
                from: ring.keys[ring.keys.count - 1].secret, label: SealingPurpose.ledger.rawValue, count: 32))
    }

    /// The codes held in memory; nil with a stored ledger.
    var countInMemory: Int? { if case .memory(let memory) = entries { memory.count } else { nil } }

    func digest(of code: SecretBytes) -> CodeDigest { CodeDigest(key.code(for: code)) }

    /// Enters a code and returns its state. `client`: whose share it uses; nil for what the gateway issued, and for a code
    /// whose state has used a share.
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
        switch entries {
        case .memory(let memory): entry = memory.enter(digest, now: now, until: now + Self.retention)
        case .store(let store, let outage):
            entry = await enter(digest, in: store, outage: outage, now: now)
        }
        guard case .unfinished(let keptUntil) = entry else { return entry }
        return now + (Self.retention - Self.longestExchange) < keptUntil ? entry : .spent
    }

    private func enter(_ digest: CodeDigest, in store: LiveStore, outage: CodeMemory, now: Int64) async
        -> CodeLedgerEntry
    {
        let until = now + Self.retention
        // Codes of an outage stay in memory when a reload changes the setting to `refuse`.
        if outage.contains(digest) { return outage.enter(digest, now: now, until: until) }
        guard whenStoreUnavailable == .continue else {
            do { return try await store.enter(digest, now: now, until: until) } catch {
                return .storeUnavailable(error)
            }
        }
        // In memory first, whatever the store answers: equal requests of which one meets the outage must not both be first.
        let own = outage.enter(digest, now: now, until: until)
        // A store that is known to be out of order is not waited for: it is tried once a second.
        guard own == .first, store.isWritable else { return own }
        guard let entry = try? await store.enter(digest, now: now, until: until) else { return .first }
        if entry != .first { outage.remove(digest) }
        return entry
    }

    /// Enters a code; while it is under way, in any process that shares the store, waits for its result. A browser shows a
    /// person who clicks twice only the response to the second request.
    func enterAwaitingResult(_ digest: CodeDigest, from client: ClientAddress, clock: Clock) async -> CodeLedgerEntry {
        var isWaiting = false
        defer { if isWaiting { waiting.leave(digest) } }
        // By a clock that never steps: if the wall clock is set back, nothing else ends the wait.
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

    /// Enters what the gateway itself issued and what may be used once. Throws `reason` for a second use.
    func useUp(_ digest: CodeDigest, reason: String, now: Int64) async throws(FailedLogin) {
        switch await enter(digest, from: nil, now: now) {
        case .first: return
        case .storeUnavailable(let error): throw FailedLogin(error)
        case .full: throw FailedLogin(failure: .ledgerUnavailable, reason: "ledger")
        case .spent, .usedFor, .unfinished, .shareIsFull: throw FailedLogin(failure: .codeSpent, reason: reason)
        }
    }

    /// Stores which session a code made; nil for none. No response waits for the store: a code whose result is lost stays
    /// used, and counts as spent after `longestExchange`.
    func complete(_ digest: CodeDigest, with session: SessionID?) {
        switch entries {
        case .memory(let memory): memory.complete(digest, with: session)
        case .store(let store, let outage):
            outage.complete(digest, with: session)
            store.completeLater(digest, with: session)
        }
    }
}

/// Limits the requests that wait for the result of a code. Each wait reads the ledger several times a second, so one code
/// that is sent a thousand times could overload the store. A person clicks only a few times.
final class CodeWaiters: Sendable {
    static let maximumPerCode = 4
    static let maximumTogether = 256

    private let counts = Locked((byCode: [CodeDigest: Int](), together: 0))

    /// False at the limit. After true the caller calls `leave` once.
    func enter(_ digest: CodeDigest) -> Bool {
        counts.withLock { counts in
            guard counts.together < Self.maximumTogether, counts.byCode[digest, default: 0] < Self.maximumPerCode else {
                return false
            }
            counts.byCode[digest, default: 0] += 1
            counts.together += 1
            return true
        }
    }

    func leave(_ digest: CodeDigest) {
        counts.withLock { counts in
            counts.together -= 1
            let left = counts.byCode[digest, default: 1] - 1
            counts.byCode[digest] = left > 0 ? left : nil
        }
    }
}

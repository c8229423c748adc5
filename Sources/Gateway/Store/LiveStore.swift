import Locking

/// The store together with the index of it that decisions read. The rest of the gateway reaches the store through this
/// alone, for two reasons: a decision after an acknowledged write already knows it, and no failure goes unnoticed.
package final class LiveStore: Sendable {
    /// How often a store is asked for what other processes wrote: well within the second that a revocation may take.
    package static let interval: Duration = .milliseconds(250)
    /// Member states that nobody has asked about for so long are forgotten; no session lives longer. In seconds.
    package static let memberRetention: Int64 = 7 * 86_400
    /// Nothing is deleted before it has been over for so long: a clock may be ahead, and what it deletes is gone when it
    /// is set right. In seconds.
    package static let clockError: Int64 = 86_400
    /// In seconds.
    private static let sweepInterval: Int64 = 60
    private static let page = 10_000

    package let index: LiveIndex
    private let store: any Store
    private let health: StoreHealth
    private let clock: Clock
    /// The number of the newest change that the index knows.
    private let newest = Locked(Int64(0))

    /// Knows nothing yet: see `load`.
    package init(_ store: any Store, lifetimes: SessionLifetimes, _ observability: Observability) {
        self.store = store
        clock = observability.clock
        health = StoreHealth(observability)
        index = LiveIndex(lifetimes: lifetimes)
    }

    /// Whether the last calls of each kind were answered. While they are not, decisions go on with what is known.
    package var isCurrent: Bool { health.isWell }

    /// See `Store.isShared`.
    package var isShared: Bool { store.isShared }

    package func close() async { await store.close() }
}

/// The calls of a store, each observed.
extension LiveStore {
    /// See `Store.write`. When it returns, decisions of this process know; others' know within a second.
    @discardableResult
    package func write(_ writes: [StoreWrite]) async throws(StoreError) -> [StoreChange] {
        let changes = try await health.observe(.writing) { () async throws(StoreError) in
            try await store.write(writes)
        }
        apply(changes)
        return changes
    }

    /// See `Store.receive`.
    package func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) async throws(StoreError)
        -> [StoreChange]?
    {
        let changes = try await health.observe(.writing) { () async throws(StoreError) in
            try await store.receive(webhook, writing: writes)
        }
        apply(changes ?? [])
        return changes
    }

    package func installation(_ key: InstallationKey) async throws(StoreError) -> Installation? {
        try await health.observe(.reading) { () async throws(StoreError) in try await store.installation(key) }
    }

    package func installations() async throws(StoreError) -> [Installation] {
        try await health.observe(.reading) { () async throws(StoreError) in try await store.installations() }
    }

    package func member(_ key: MemberKey) async throws(StoreError) -> MemberState? {
        try await health.observe(.reading) { () async throws(StoreError) in try await store.member(key) }
    }

    /// See `Store.enter`.
    package func enter(_ code: CodeDigest, now: Int64, until: Int64) async throws(StoreError) -> CodeLedgerEntry {
        try await health.observe(.writing) { () async throws(StoreError) in
            try await store.enter(code, now: now, until: until)
        }
    }

    /// See `Store.complete`.
    package func complete(_ code: CodeDigest, with session: SessionID?) async throws(StoreError) {
        try await health.observe(.writing) { () async throws(StoreError) in
            try await store.complete(code, with: session)
        }
    }
}

/// What goes on beside requests.
extension LiveStore {
    /// Brings the index up to everything that is stored now. Before the first listener opens.
    package func load() async throws(StoreError) {
        while true {
            let known = newest.withLock { $0 }
            let changes = try await health.observe(.reading) { () async throws(StoreError) in
                try await store.changes(after: known, limit: Self.page)
            }
            guard let last = changes.last else { return }
            apply(changes)
            newest.withLock { $0 = max($0, last.number) }
        }
    }

    /// Follows the store, deletes what has expired and finds out when writing works again, until the task is cancelled.
    /// Reading is a task of its own: to delete much, or to wait for a lock, takes longer than a revocation may.
    package func follow() async {
        async let writing: Void = keepWriting()
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.interval) } catch { break }
            guard store.isShared else { continue }
            // `health` has noted a failure.
            try? await load()
        }
        await writing
    }

    private func keepWriting() async {
        var second: Int64 = 0
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
            second += 1
            let now = clock.unixSeconds()
            if second.isMultiple(of: Self.sweepInterval) { index.sweep(uptime: uptime) }
            if health.isFailing(.writing) {
                // An entry that has expired already: the last attempt's is deleted and one is written, whatever the clock says.
                if (try? await enter(CodeDigest.probe, now: now, until: 0)) == .first { health.recovered(.writing) }
            } else if second.isMultiple(of: Self.sweepInterval) {
                try? await health.observe(.writing) { () async throws(StoreError) in
                    let past = now - Self.clockError
                    try await store.forget(now: past, membersCheckedBefore: past - Self.memberRetention)
                }
            }
        }
    }

    private func apply(_ changes: [StoreChange]) {
        let (now, uptime) = (clock.unixSeconds(), uptime)
        for change in changes { index.apply(change, now: now, uptime: uptime) }
    }

    /// In seconds, rounded down.
    private var uptime: Int64 { Int64(clock.nanoseconds() / 1_000_000_000) }
}

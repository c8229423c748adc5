import Locking

/// The store together with the index that decisions read. The rest of the gateway uses the store only through this type:
/// an acknowledged write is in the index at once, and every failure is recorded.
package final class LiveStore: Sendable {
    /// Member states that were not checked for so long are deleted; no session lives longer. In seconds.
    package static let memberRetention: Int64 = 7 * 86_400
    /// Records are deleted only this long after they expired: a clock may be ahead, and a deletion stays when it is set
    /// right. In seconds.
    package static let clockError: Int64 = 86_400
    /// In seconds.
    private static let sweepInterval: Int64 = 60
    private static let page = 10_000

    package let index: LiveIndex
    private let store: any Store
    private let health: StoreHealth
    private let clock: Clock
    /// The number of the newest change that the index has.
    private let newest = Locked(Int64(0))
    /// Calls of `completeLater` under way.
    private let later = Locked(0)

    /// The index is empty until `load`.
    package init(_ store: any Store, lifetimes: SessionLifetimes, _ observability: Observability) {
        self.store = store
        clock = observability.clock
        health = StoreHealth(observability)
        index = LiveIndex(lifetimes: lifetimes)
    }

    /// Whether the last calls of each kind succeeded. While they fail, decisions use what the index has.
    package var isCurrent: Bool { health.isWell }

    /// Whether the last call that wrote succeeded.
    package var isWritable: Bool { !health.isFailing(.writing) }

    /// See `Store.isShared`.
    package var isShared: Bool { store.isShared }

    /// Lets the calls of `completeLater` end first, for a second at most.
    package func close() async {
        for _ in 0..<100 where later.withLock({ $0 > 0 }) { try? await Task.sleep(for: .milliseconds(10)) }
        await store.close()
    }
}

/// The calls of a store, each observed.
extension LiveStore {
    /// See `Store.write`. When it returns, the decisions of this process respect the writes; others' do within a second.
    @discardableResult
    package func write(_ writes: [StoreWrite]) async throws(StoreError) -> [StoreChange] {
        let changes = try await health.observe(.writing, store.write, writes)
        apply(changes)
        return changes
    }

    /// See `Store.receive`.
    package func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) async throws(StoreError)
        -> [StoreChange]?
    {
        let changes = try await health.observe(.writing, store.receive, webhook, writes)
        apply(changes ?? [])
        return changes
    }

    package func installation(_ key: InstallationKey) async throws(StoreError) -> Installation? {
        try await health.observe(.reading, store.installation, key)
    }

    package func installations() async throws(StoreError) -> [Installation] {
        try await health.observe(.reading, store.installations)
    }

    package func member(_ key: MemberKey) async throws(StoreError) -> MemberState? {
        try await health.observe(.reading, store.member, key)
    }

    /// See `Store.enter`.
    package func enter(_ code: CodeDigest, now: Int64, until: Int64) async throws(StoreError) -> CodeLedgerEntry {
        try await health.observe(.writing, store.enter, code, now, until)
    }

    /// See `Store.complete`; returns at once. At most one call for each login is under way.
    package func completeLater(_ code: CodeDigest, with session: SessionID?) {
        later.withLock { $0 += 1 }
        // The request's own patience is for what it waits for.
        StorePatience.$current.withValue(StorePatience()) {
            Task {
                try? await health.observe(.writing, store.complete, code, session)
                later.withLock { $0 -= 1 }
            }
        }
    }
}

/// Work outside requests.
extension LiveStore {
    /// Brings the index up to everything that is stored now. Called before the first listener opens.
    package func load() async throws(StoreError) {
        while true {
            let known = newest.withLock { $0 }
            let changes = try await health.observe(.reading, store.changes, known, Self.page)
            guard let last = changes.last else { return }
            let wentBack = last.number <= known
            if wentBack {
                health.wentBack()
                index.forgetOrder()
            }
            apply(changes)
            newest.withLock { $0 = wentBack ? last.number : max($0, last.number) }
            // A short page is the last one. Another look after each change would double the database's load.
            guard changes.count >= Self.page else { return }
        }
    }

    /// Follows the store, deletes what has expired and finds out when writing works again, until the task is cancelled.
    /// Reading is a task of its own: a large deletion, or waiting for a lock, takes longer than a revocation may.
    package func follow() async {
        async let writing: Void = keepWriting()
        if store.isShared {
            for await _ in store.changeSignals() {
                // `health` has recorded a failure.
                try? await load()
            }
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
                // The entry has expired already: each attempt deletes the last one's and writes one, whatever the clock says.
                if (try? await enter(CodeDigest.probe, now: now, until: 0)) == .first { health.recovered(.writing) }
            } else if second.isMultiple(of: Self.sweepInterval) {
                let past = now - Self.clockError
                try? await health.observe(.writing, store.forget, past, past - Self.memberRetention)
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

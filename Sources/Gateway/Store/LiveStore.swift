import Locking

/// The store together with the index of it that decisions read. Everybody else in the gateway writes through this, so
/// that a decision after an acknowledged write already knows it.
package final class LiveStore: Sendable {
    /// How often a store is asked for what other processes wrote: well within the second that a revocation may take.
    package static let interval: Duration = .milliseconds(250)
    /// Member states that nobody has asked about for so long are forgotten; no session lives longer. In seconds.
    package static let memberRetention: Int64 = 7 * 86_400
    /// In seconds.
    private static let sweepInterval: Int64 = 60
    private static let page = 10_000

    package let index: LiveIndex
    package let store: any Store
    private let clock: Clock
    private let log: EventLog
    private let metrics: Metrics
    private let progress = Locked((number: Int64(0), isCurrent: true))

    /// Knows nothing yet: see `load`.
    package init(
        _ store: any Store, lifetimes: SessionLifetimes, clock: Clock, log: EventLog = EventLog { _, _, _ in },
        metrics: Metrics = Metrics()
    ) {
        self.store = store
        self.clock = clock
        self.log = log
        self.metrics = metrics
        index = LiveIndex(lifetimes: lifetimes)
    }

    /// Brings the index up to everything that is stored now. Before the first listener opens.
    package func load() async throws(StoreError) {
        while true {
            let changes = try await store.changes(after: progress.withLock { $0.number }, limit: Self.page)
            guard let last = changes.last else { return }
            apply(changes)
            progress.withLock { $0.number = max($0.number, last.number) }
        }
    }

    /// See `Store.write`. When it returns, decisions of this process know; others' know within a second.
    @discardableResult
    package func write(_ writes: [StoreWrite]) async throws(StoreError) -> [StoreChange] {
        let changes = try await store.write(writes)
        apply(changes)
        return changes
    }

    /// See `Store.receive`.
    package func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) async throws(StoreError)
        -> [StoreChange]?
    {
        let changes = try await store.receive(webhook, writing: writes)
        apply(changes ?? [])
        return changes
    }

    /// Whether the last look at the store succeeded. While it does not, decisions go on with what is known.
    package var isCurrent: Bool { progress.withLock { $0.isCurrent } }

    /// Follows the store and lets go of what is over, until the task is cancelled. The two beside each other: to delete
    /// much, or to wait for a lock, takes longer than a revocation may.
    package func follow() async {
        async let sweeping: Void = sweep()
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.interval) } catch { break }
            guard store.isShared else { continue }
            do {
                try await load()
                progress.withLock { $0.isCurrent = true }
            } catch {
                noteFailure(error)
            }
        }
        await sweeping
    }

    private func sweep() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(Self.sweepInterval)) } catch { return }
            let now = clock.unixSeconds()
            index.sweep(now: now)
            do { try await store.forget(now: now, membersCheckedBefore: now - Self.memberRetention) } catch {
                noteFailure(error)
            }
        }
    }

    private func noteFailure(_ error: StoreError) {
        let wasCurrent = progress.withLock { progress in
            defer { progress.isCurrent = false }
            return progress.isCurrent
        }
        metrics.storeFailures.count()
        // Four times a second would fill the log.
        if wasCurrent { log.record(.storeUnavailable, nil, ["detail": "\(error)"]) }
    }

    private func apply(_ changes: [StoreChange]) {
        let now = clock.unixSeconds()
        for change in changes { index.apply(change, now: now) }
    }
}

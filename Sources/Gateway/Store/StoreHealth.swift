import Locking

/// Whether the store answers, by the outcome of its calls. Each failure is counted; each change is logged once, because a
/// line for each failed request would fill the log, and is what `/ready` reports.
final class StoreHealth: Sendable {
    /// A full disk or a lock stops writing alone. Reading that goes on must not report that the store is well again.
    enum Use: Sendable { case reading, writing }

    private let failing = Locked<Set<Use>>([])
    private let log: EventLog
    private let failures: Counter

    init(_ observability: Observability) {
        log = observability.log
        failures = observability.metrics.counter("store_failures_total", "Calls of the store that failed.")
    }

    var isWell: Bool { failing.withLock { $0.isEmpty } }

    func isFailing(_ use: Use) -> Bool { failing.withLock { $0.contains(use) } }

    func observe<Result: Sendable>(_ use: Use, _ call: () async throws(StoreError) -> Result)
        async throws(StoreError) -> Result
    {
        do {
            let result = try await call()
            // A call that writes may succeed without a byte written, such as one for a code that is there already.
            if use == .reading { recovered(use) }
            return result
        } catch {
            // A call that was given up says nothing about the store.
            if !Task.isCancelled { failed(use, error) }
            throw error
        }
    }

    func recovered(_ use: Use) {
        failing.withLock { failing in
            guard failing.remove(use) != nil, failing.isEmpty else { return }
            log.record(.storeAvailable)
        }
    }

    private func failed(_ use: Use, _ error: StoreError) {
        switch error {
        // The end of the process, and a fault of the value: neither is the store's.
        case .closed, .unstorable: return
        case .unavailable, .unreadable: break
        }
        failures.count()
        failing.withLock { failing in
            if failing.isEmpty { log.record(.storeUnavailable, nil, ["detail": "\(error)"]) }
            failing.insert(use)
        }
    }
}

import Locking

/// Whether the store answers, for `/ready`. Each failure is counted; only changes are logged, because a line for each
/// failed request would fill the log.
final class StoreHealth: Sendable {
    /// A full disk or a lock stops only writing. Successful reading must not report that the store is well again.
    enum Use: String, Sendable, CaseIterable { case reading, writing }

    private let failing: Locked<Set<Use>>
    private let log: EventLog
    private let failures: Counter
    private let calls: CrossedCounter

    init(_ observability: Observability) {
        log = observability.log
        let failing = Locked<Set<Use>>([])
        self.failing = failing
        calls = observability.metrics.counter(
            "store_calls_total", "Calls of the store by use and outcome.", labels: ("use", "outcome"),
            values: (Use.allCases.map(\.rawValue), ["succeeded", "failed"]))
        observability.metrics.read("store_up", "Whether the last calls of the store succeeded (1) or not (0).") {
            [.init(failing.withLock { $0.isEmpty } ? 1 : 0)]
        }
        failures = observability.metrics.counter("store_failures_total", "Calls of the store that failed.")
    }

    var isWell: Bool { failing.withLock { $0.isEmpty } }

    func isFailing(_ use: Use) -> Bool { failing.withLock { $0.contains(use) } }

    /// Calls the store and records whether that succeeded.
    func observe<each Argument, Result: Sendable>(
        _ use: Use, _ call: (repeat each Argument) async throws(StoreError) -> Result, _ argument: repeat each Argument
    ) async throws(StoreError) -> Result {
        if isFailing(use) { StorePatience.current?.limit(to: .milliseconds(500)) }
        do {
            let result = try await call(repeat each argument)
            // A call that writes may succeed without writing a byte, for example for a code that is entered already.
            if use == .reading { recovered(use) }
            calls.count(use.rawValue, "succeeded")
            return result
        } catch {
            // A cancelled call says nothing about the store.
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

    func wentBack() { log.record(.storeWentBack) }

    private func failed(_ use: Use, _ error: StoreError) {
        switch error {
        // A stopping process and an invalid value are no faults of the store.
        case .closed, .unstorable: return
        case .unavailable, .unreadable: break
        }
        failures.count()
        calls.count(use.rawValue, "failed")
        failing.withLock { failing in
            if failing.isEmpty { log.record(.storeUnavailable, nil, ["detail": "\(error)"]) }
            failing.insert(use)
        }
    }
}

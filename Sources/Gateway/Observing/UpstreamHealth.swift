import Locking

/// Whether the marketplace answers, for `/ready`: three requests of one kind in a row without an answer, or with a status
/// of the server's own failure. One failed request says too little.
final class UpstreamHealth: Sendable {
    private struct Failures {
        var count = 0
        /// In seconds since 1970.
        var last: Int64
    }

    private static let enough = 3
    /// Without traffic nothing shows that the marketplace is well again. In seconds.
    private static let memory: Int64 = 300
    private let failures = Locked([String: Failures]())

    func succeeded(_ operation: String) {
        failures.withLock { failures in if !failures.isEmpty { failures[operation] = nil } }
    }

    /// `now` in seconds since 1970.
    func failed(_ operation: String, now: Int64) {
        failures.withLock { failures in
            failures[operation, default: Failures(last: now)].last = now
            failures[operation]?.count += 1
        }
    }

    func isFailing(now: Int64) -> Bool {
        failures.withLock { failures in
            failures.values.contains { $0.count >= Self.enough && (now - $0.last).magnitude < Self.memory.magnitude }
        }
    }
}

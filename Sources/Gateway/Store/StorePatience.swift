import Locking

/// How long one request may still wait for the store, over all its calls. A login makes several: with a limit for each
/// call, a locked store would let the person wait several times as long.
package final class StorePatience: Sendable {
    /// Of the request that the current task answers; nil for work outside requests, where each call has the whole time.
    @TaskLocal package static var current: StorePatience?

    package static let whole: Duration = .seconds(5)
    private let left = Locked(StorePatience.whole)

    package init() {}

    package var remaining: Duration { left.withLock { $0 } }

    /// Of a request that finds the store out of order: one page a few seconds earlier, and the store is tried all the same.
    func limit(to duration: Duration) { left.withLock { $0 = min($0, duration) } }

    package func spend(_ duration: Duration) { left.withLock { $0 = max($0 - duration, .zero) } }
}

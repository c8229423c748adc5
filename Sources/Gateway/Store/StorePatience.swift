import Locking

/// How long one request may still wait for the store. A login writes three times; behind a lock each write would otherwise
/// wait as long as the first, while the person waits for them all.
package final class StorePatience: Sendable {
    /// Of the request that the current task answers; nil for work beside requests, where each call has the whole of it.
    @TaskLocal package static var current: StorePatience?

    package static let whole: Duration = .seconds(5)
    private let left = Locked(StorePatience.whole)

    package init() {}

    /// Zero when it is used up.
    package var remaining: Duration { left.withLock { $0 } }

    package func spend(_ duration: Duration) { left.withLock { $0 = max($0 - duration, .zero) } }
}

import Foundation

/// A value behind a lock that Thread Sanitizer understands, which `Synchronization.Mutex` (a futex) is not.
///
/// `@unchecked Sendable`: `value` is reached in `withLock` alone.
package final class Locked<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    package init(_ value: Value) { self.value = value }

    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.withLock { body(&value) }
    }
}

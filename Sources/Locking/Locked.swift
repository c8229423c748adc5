import Glibc

/// A value behind a POSIX mutex.
///
/// Not `Synchronization.Mutex`: it uses a futex, which Thread Sanitizer cannot see, so the sanitizer would report races that
/// are none.
///
/// `@unchecked Sendable`: only `withLock` accesses `value`; the mutex keeps its address until `deinit`.
@safe package final class Locked<Value: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: Value) {
        unsafe mutex = .allocate(capacity: 1)
        self.value = value
        precondition(unsafe pthread_mutex_init(mutex, nil) == 0)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// `body` runs while every other caller waits, so it must not block or take another lock.
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}

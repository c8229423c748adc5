import Glibc

/// A value behind a POSIX mutex.
///
/// Not `Synchronization.Mutex`: that one sits on a futex, which Thread Sanitizer cannot see, and a sanitizer that cries
/// wolf at every hand-over proves nothing about the others.
///
/// `@unchecked Sendable`: `value` is reached in `withLock` alone; the mutex keeps its address until `deinit`.
@safe package final class Locked<Value: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    // The mutex excludes; the runtime's own check that it does took more instructions than the mutex.
    @exclusivity(unchecked) private var value: Value

    package init(_ value: Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe self.value = value
        precondition(unsafe pthread_mutex_init(mutex, nil) == 0)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// The only way to the value; `body` runs while every other caller waits, so it calls nobody.
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return unsafe body(&value)
    }
}

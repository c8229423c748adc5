import Locking

/// Prepared C contexts of one key, for reuse. Preparing one costs more than using it, and only one thread at a time can use
/// one.
///
/// `@unchecked Sendable`: idle contexts are accessed under the lock, and a context in use belongs to one thread.
@safe final class ContextPool: @unchecked Sendable {
    static let maximumIdle = 64

    @safe private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let idle = Locked<[Handle]>([])
    private let make: @Sendable () -> OpaquePointer?
    private let free: @Sendable (OpaquePointer) -> Void

    init(make: @escaping @Sendable () -> OpaquePointer?, free: @escaping @Sendable (OpaquePointer) -> Void) {
        unsafe self.make = make
        unsafe self.free = free
    }

    deinit {
        idle.withLock { handles in
            for handle in handles { unsafe free(handle.pointer) }
        }
    }

    /// Calls `body` with a context; nil where none could be made.
    func withContext<Result>(_ body: (OpaquePointer) -> Result) -> Result? {
        let handle: Handle
        if let waiting = idle.withLock({ $0.popLast() }) {
            handle = waiting
        } else {
            guard let made = unsafe make() else { return nil }
            handle = unsafe Handle(pointer: made)
        }
        let result = unsafe body(handle.pointer)
        let isKept = idle.withLock { handles in
            guard handles.count < Self.maximumIdle else { return false }
            handles.append(handle)
            return true
        }
        if !isKept { unsafe free(handle.pointer) }
        return result
    }
}

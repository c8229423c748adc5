import Glibc
import Locking

/// A POSIX thread that runs one loop and is joined once.
///
/// Not a task and not a Dispatch queue: it blocks in `epoll_wait`, which would block one of their few threads.
final class LoopThread: Sendable {
    private let thread: Locked<pthread_t?>

    init(_ loop: TransferLoop) throws(ClientSetupError) {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(loop)
        let failure = unsafe pthread_create(
            &thread, nil,
            { context in
                unsafe Unmanaged<TransferLoop>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            unsafe context.release()
            throw .noResources
        }
        self.thread = Locked(thread)
    }

    /// Waits for the thread's end. A second caller waits for the first.
    func join() {
        thread.withLock { thread in
            if let running = thread { pthread_join(running, nil) }
            thread = nil
        }
    }
}

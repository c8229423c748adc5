import CMicroHTTPD
import Glibc

/// A libmicrohttpd daemon that accepts connections. It has no thread: an event loop drives it.
///
/// `@safe`: only the loop that starts the daemon calls it, on its own thread, and stops it once.
@safe struct Daemon {
    private let pointer: OpaquePointer
    /// Becomes readable when there is something to do.
    let events: Int32
    private let listener: Int32

    /// For each connection, in bytes. The library stores the head here, 64 bytes for each field (our limit counts them too)
    /// and the answer's head. It also parses cookies and the query, and version 0.9.75 has no option against that: a
    /// cookie takes its text a second time and 64 bytes, a query parameter 64 bytes. 44 KiB hold 16 KiB of cookies beside
    /// the session, which the proxies' blocks allow, and an answer's head of 5 KB, or any other head of 24 KiB. A larger
    /// head gets the library's own 431 or a closed connection. More memory would make every answer slower, because the
    /// library clears it after each request.
    static let memory = 44 * 1024

    /// Owns `listener` from here on.
    init?(for loop: EventLoop, _ listener: Int32) {
        var callbacks = unsafe DaemonCallbacks.all(for: loop)
        let idle = UInt32(max(loop.settings.idleTimeout.components.seconds, 1))
        let limit = UInt32(loop.settings.maximumConnectionsPerLoop)
        guard let pointer = unsafe gateway_start_daemon(&callbacks, listener, limit, idle, Self.memory) else {
            return nil
        }
        unsafe self.pointer = pointer
        self.listener = listener
        events = unsafe gateway_epoll_descriptor(pointer)
    }

    func run() { unsafe MHD_run(pointer) }

    /// The latest time of the next `run`, in milliseconds from now; nil for no limit.
    var pause: UInt64? {
        var wanted: UInt64 = 0
        return unsafe MHD_get_timeout(pointer, &wanted) == .YES ? wanted : nil
    }

    /// Whether the kernel has connections that the daemon has not accepted yet.
    var hasPendingConnections: Bool {
        var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&watched, 1, 0) == 1
    }

    /// Accepts nothing from now on.
    func stopListening() {
        let listener = unsafe MHD_quiesce_daemon(pointer)
        if listener >= 0 { close(listener) }
    }

    /// There must be no suspended connections.
    func stop() { unsafe MHD_stop_daemon(pointer) }
}

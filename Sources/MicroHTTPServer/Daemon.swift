import CMicroHTTPD
import Glibc

/// A libmicrohttpd daemon that listens and accepts by itself. It has no thread: an event loop drives it.
///
/// `@safe`: the loop that starts the daemon calls it on its own thread alone, and stops it once.
@safe struct Daemon {
    private let pointer: OpaquePointer
    /// Becomes readable when there is something to do.
    let events: Int32
    private let listener: Int32

    /// For each connection, in bytes. The library keeps the head here, 64 bytes for each field (our limit counts them
    /// too) and the answer's head. It also parses cookies and the query, and version 0.9.75 has no option against that: a
    /// cookie costs its text a second time and 64 bytes, a query parameter 64 bytes. 44 KiB hold 16 KiB of cookies beside
    /// the session, which the proxies' blocks let pass, and an answer's head of 5 KB, or any other head of 24 KiB. A head
    /// that does not fit gets the library's own 431 or a closed connection. More memory would make every answer slower,
    /// because the library clears it after each request.
    static let memory = 44 * 1024

    /// Takes `listener` over.
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

    /// In how many milliseconds it wants to run at the latest; nil for no limit.
    var pause: UInt64? {
        var wanted: UInt64 = 0
        return unsafe MHD_get_timeout(pointer, &wanted) == .YES ? wanted : nil
    }

    /// Whether the kernel holds connections that the daemon has not accepted yet.
    var hasWaitingConnections: Bool {
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

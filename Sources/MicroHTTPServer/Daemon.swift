import CMicroHTTPD
import Glibc

/// One of libmicrohttpd's daemons, without a listener and without a thread: a loop brings connections and drives it.
///
/// `@safe`: the loop that starts one calls it on its own thread alone, and stops it once.
@safe struct Daemon {
    private let pointer: OpaquePointer
    /// Becomes readable when there is something to do.
    let events: Int32

    /// `memory`: for each connection, in bytes. The library clears all of it behind every request.
    init?(for loop: EventLoop, memory: Int) {
        var callbacks = unsafe DaemonCallbacks.all(for: loop)
        guard
            let pointer = unsafe gateway_start_daemon(
                &callbacks, UInt32(loop.settings.maximumConnectionsPerLoop),
                UInt32(max(loop.settings.idleTimeout.components.seconds, 1)), memory)
        else { return nil }
        unsafe self.pointer = pointer
        events = unsafe gateway_epoll_descriptor(pointer)
    }

    func run() { unsafe MHD_run(pointer) }

    /// In how many milliseconds it wants to run at the latest.
    var pause: UInt64? {
        var wanted: UInt64 = 0
        return unsafe MHD_get_timeout(pointer, &wanted) == .YES ? wanted : nil
    }

    /// The socket is the daemon's from now on, even when it does not take it and closes it.
    func add(_ socket: Int32, _ address: SocketAddress.Stored) -> Bool {
        unsafe address.lend { unsafe MHD_add_connection(pointer, socket, $0, $1) == .YES }
    }

    /// There must be no suspended connections.
    func stop() { unsafe MHD_stop_daemon(pointer) }
}

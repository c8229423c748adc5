import CMicroHTTPD
import Glibc
import HTTP
import Locking

/// One libmicrohttpd daemon and the thread that drives it. The library's own epoll thread stalls after every full batch
/// of 128 events; a loop of our own around `MHD_run` does not.
///
/// `@unchecked Sendable`: everything but `inbox`, `wakeup` and the constants is touched by the loop's own thread alone,
/// once `start` has begun it.
@safe final class EventLoop: @unchecked Sendable {
    /// What other threads leave for the loop.
    struct Inbox {
        var finished: [(request: RequestHandle, response: HTTPResponse)] = []
        /// Monotonic nanoseconds by which everything has to be over; nil while the server serves.
        var drainUntil: UInt64?
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let settings: ServerSettings
    let deadlines: Deadlines
    let handler: any HTTPHandler
    let counts: AddressCounts
    let inbox = Locked(Inbox())
    let wakeup: Int32
    private var daemon: OpaquePointer?

    var connections: [ObjectIdentifier: ConnectionRecord] = [:]
    /// Requests whose line was read and whose answer is not out yet.
    var openRequests = 0
    /// Those of them that wait for a task, with their connections.
    var suspended: [ObjectIdentifier: (connection: OpaquePointer, request: RequestInProgress)] = unsafe [:]
    /// In monotonic nanoseconds; nil while the server serves.
    var drainBegan: UInt64?
    /// When the loop last woke up, in monotonic nanoseconds: near enough for deadlines, which are seconds away.
    private(set) var now = MonotonicClock.nanoseconds()

    init(_ listener: ListeningSocket, _ settings: ServerSettings, _ handler: any HTTPHandler, _ counts: AddressCounts)
        throws(ServerStartError)
    {
        self.settings = settings
        deadlines = Deadlines(settings)
        self.handler = handler
        self.counts = counts
        wakeup = gateway_eventfd()
        unsafe daemon = nil
        guard wakeup >= 0 else {
            close(listener.descriptor)
            throw .daemonRefused
        }
        var callbacks = unsafe DaemonCallbacks.all(for: self)
        unsafe daemon = gateway_start_daemon(
            &callbacks, listener.descriptor, UInt32(settings.maximumConnectionsPerLoop),
            UInt32(max(settings.idleTimeout.components.seconds, 1)), Self.connectionMemory)
        // Where libmicrohttpd refuses, it has closed the listener or not, depending on how far it came; a descriptor
        // that stays open is better than somebody else's that is closed.
        guard unsafe daemon != nil else { throw .daemonRefused }
    }

    /// Room for a head well beyond the limit, so that we and not libmicrohttpd answer one with a parameter of 64 KiB. In
    /// bytes; the library clears them all behind every request, which takes a tenth of a decision.
    private static let connectionMemory = 70 * 1024

    deinit { close(wakeup) }

    /// False where the system has no thread left; the loop is to be abandoned then.
    func start() -> Bool {
        let context = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        guard unsafe pthread_create(&thread, nil, { unsafe EventLoop.runThread($0) }, context.toOpaque()) == 0 else {
            unsafe context.release()
            return false
        }
        // Nobody joins it: its end is told through the inbox.
        pthread_detach(thread)
        return true
    }

    /// For a loop that never began to run.
    func abandon() {
        if let daemon = unsafe daemon { unsafe MHD_stop_daemon(daemon) }
    }

    @unsafe private static func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context = unsafe context else { return nil }
        let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
        loop.run()
        return nil
    }

    private func run() {
        guard let daemon = unsafe daemon else { return }
        let events = unsafe gateway_epoll_descriptor(daemon)
        var nextSweep = now
        while true {
            unsafe wait(daemon, events)
            now = MonotonicClock.nanoseconds()
            let (finished, drainUntil) = inbox.withLock { inbox in
                defer { inbox.finished.removeAll(keepingCapacity: true) }
                return (inbox.finished, inbox.drainUntil)
            }
            for (request, response) in finished { answer(request.request, with: response) }
            unsafe MHD_run(daemon)
            if now >= nextSweep {
                for record in connections.values where now >= record.deadline { record.drop() }
                nextSweep = now + 250_000_000
            }
            if let drainUntil, unsafe isDrained(daemon, until: drainUntil, now: now) { break }
        }
        unsafe MHD_stop_daemon(daemon)
        let waiting = inbox.withLock { inbox in
            inbox.hasEnded = true
            inbox.finished = []
            return inbox.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Until something happens: on a socket, in a task, or by the clock.
    @unsafe private func wait(_ daemon: OpaquePointer, _ events: Int32) {
        var pause: UInt64 = 250
        var wanted: UInt64 = 0
        if unsafe MHD_get_timeout(daemon, &wanted) == .YES { pause = min(pause, wanted) }
        if drainBegan != nil { pause = min(pause, 10) }
        var watched = [
            pollfd(fd: events, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
        ]
        _ = unsafe poll(&watched, 2, Int32(pause))
        if watched[1].revents != 0 {
            var count: UInt64 = 0
            _ = unsafe read(wakeup, &count, 8)
        }
    }
}

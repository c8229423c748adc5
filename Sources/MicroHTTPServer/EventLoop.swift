import CMicroHTTPD
import Glibc
import HTTP
import Locking

/// A libmicrohttpd daemon and the thread that drives it. The library's own epoll thread stalls after every full batch of 128
/// events; a loop of our own around `MHD_run` does not.
///
/// `@unchecked Sendable`: after `start`, only the loop's own thread touches anything but `inbox`, `wakeup` and constants.
@safe final class EventLoop: @unchecked Sendable {
    /// Messages from other threads.
    struct Inbox {
        var finished: [(request: RequestHandle, response: HTTPResponse)] = []
        /// The end of the drain, in monotonic nanoseconds; nil while the server serves.
        var drainUntil: UInt64?
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// Resumed at the next wake-up.
        var watching: [CheckedContinuation<Void, Never>] = []
    }

    let settings: ServerSettings
    let deadlines: Deadlines
    let handler: any HTTPHandler
    let counts: AddressCounts
    /// Nil for a server that may take every descriptor.
    let descriptors: DescriptorWatch?
    let inbox = Locked(Inbox())
    let wakeup: Int32
    /// Nil only in `init`: a daemon's callbacks need the loop.
    private(set) var daemon: Daemon?

    /// Owns the records of all connections.
    var connections: [ObjectIdentifier: ConnectionRecord] = [:]
    /// Requests whose line was read and whose answer was not sent yet.
    var openRequests = 0
    /// The open requests that wait for a task, with their connections.
    var suspended: [ObjectIdentifier: (connection: OpaquePointer, record: ConnectionRecord)] = unsafe [:]
    /// Running tasks, also for clients that have closed.
    var tasks = 0
    /// A connection ended while the daemon was at its limit: it listens again only at its next run.
    var hasFreedPlace = false
    /// In monotonic nanoseconds.
    var nextSearch: UInt64 = 0
    /// Whether the daemon has accepted a connection since the last sweep, and whether some were pending then.
    var hasAccepted = false
    var hasSeenPending = false
    /// No descriptor for pending connections, and no connection that could be dropped.
    var isStalledWithoutConnection = false
    var bodies: OpenBodies
    /// In monotonic nanoseconds; nil while the server serves, or listens.
    var drainBegan, listenerClosed: UInt64?
    /// When the loop last woke up, in monotonic nanoseconds: near enough for deadlines, which are seconds away.
    private(set) var now = MonotonicClock.nanoseconds()

    /// Of the daemon and of `wakeup`, in this order.
    private var watched: [pollfd] = []

    /// Owns the listener from here on.
    init(
        _ listener: ListeningSocket, _ settings: ServerSettings, _ handler: any HTTPHandler, _ counts: AddressCounts,
        _ descriptors: DescriptorWatch?
    ) throws(ServerStartError) {
        self.settings = settings
        deadlines = Deadlines(settings)
        bodies = OpenBodies(connections: settings.maximumConnectionsPerLoop)
        self.handler = handler
        self.counts = counts
        self.descriptors = descriptors
        wakeup = gateway_eventfd()
        guard wakeup >= 0 else {
            close(listener.descriptor)
            throw .daemonRefused
        }
        guard let daemon = Daemon(for: self, listener.descriptor) else { throw .daemonRefused }
        self.daemon = daemon
        watched = [daemon.events, wakeup].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    }

    deinit { close(wakeup) }

    /// False where the system has no thread left: call `abandon` then.
    func start() -> Bool {
        let context = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        guard unsafe pthread_create(&thread, nil, { unsafe EventLoop.runThread($0) }, context.toOpaque()) == 0 else {
            unsafe context.release()
            return false
        }
        // Not joined: the inbox reports its end.
        pthread_detach(thread)
        return true
    }

    /// For a loop without a thread.
    func abandon() {
        daemon?.stopListening()
        daemon?.stop()
        daemon = nil
    }

    @unsafe private static func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context = unsafe context else { return nil }
        let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
        loop.run()
        return nil
    }

    private func run() {
        guard let daemon else { return }
        var nextSweep = now
        while true {
            wait(daemon)
            now = MonotonicClock.nanoseconds()
            let (finished, drainUntil, watching) = inbox.withLock { inbox in
                defer {
                    if !inbox.finished.isEmpty { inbox.finished = [] }
                    if !inbox.watching.isEmpty { inbox.watching = [] }
                }
                return (inbox.finished, inbox.drainUntil, inbox.watching)
            }
            for continuation in watching { continuation.resume() }
            tasks -= finished.count
            for (request, response) in finished where request.isCurrent { answer(request.record, with: response) }
            hasFreedPlace = false
            daemon.run()
            if listenerClosed == nil { dropForPending(daemon) }
            if now >= nextSweep {
                sweep(daemon)
                nextSweep = now + 250_000_000
            }
            if let drainUntil, isDrained(daemon, until: drainUntil) { break }
        }
        daemon.stop()
        self.daemon = nil
        let waiting = inbox.withLock { inbox in
            inbox.hasEnded = true
            inbox.finished = []
            return inbox.waiting + inbox.watching
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Drops connections that are too slow, gone or in the way.
    private func sweep(_ daemon: Daemon) {
        for record in connections.values where now >= record.deadline { record.drop() }
        for record in bodies.slow(now: now, period: deadlines.bodyPeriod, rate: settings.minimumBodyRate) {
            record.drop()
        }
        dropGoneClients()
        if listenerClosed == nil { dropForStalledListener(daemon) }
        descriptors?.check(with: wakeup)
    }

    /// Until a socket is ready, a task has ended, or a timer fires.
    private func wait(_ daemon: Daemon) {
        if isStalledWithoutConnection { usleep(Self.stallPause) }
        let longest: UInt64 = drainBegan == nil ? 250 : 10
        let pause = hasFreedPlace ? 0 : min(longest, daemon.pause ?? longest)
        _ = unsafe poll(&watched, 2, Int32(pause))
        if watched[1].revents != 0 {
            var count: UInt64 = 0
            _ = unsafe read(wakeup, &count, 8)
        }
    }
}

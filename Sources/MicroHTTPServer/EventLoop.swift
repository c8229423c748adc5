import CMicroHTTPD
import Glibc
import HTTP
import Locking

/// One of libmicrohttpd's daemons and the thread that drives it. The library's own epoll thread stalls after every full
/// batch of 128 events; a loop of our own around `MHD_run` does not.
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
    /// Nil for a server that may take every descriptor.
    let descriptors: DescriptorWatch?
    let inbox = Locked(Inbox())
    let wakeup: Int32
    /// Nil only until `init` has made it: a daemon's callbacks know their loop.
    private(set) var daemon: Daemon?

    /// Owns the records of all connections.
    var connections: [ObjectIdentifier: ConnectionRecord] = [:]
    /// Requests whose line was read and whose answer is not out yet.
    var openRequests = 0
    /// Those of them that wait for a task, with their connections.
    var suspended: [ObjectIdentifier: (connection: OpaquePointer, record: ConnectionRecord)] = unsafe [:]
    /// Tasks at work, also for clients that have left.
    var tasks = 0
    /// A connection ended while the daemon was at its limit: it listens again only at its next run.
    var hasFreedPlace = false
    /// In monotonic nanoseconds.
    var nextSearchForRoom: UInt64 = 0
    /// Whether the daemon has taken a connection since the last sweep, and whether some waited for it then.
    var hasAccepted = false
    var hasSeenWaiting = false
    /// There is no descriptor for the connections that wait, and no connection that could end.
    var triesInVain = false
    var bodies: OpenBodies
    /// In monotonic nanoseconds; nil while the server serves, or listens.
    var drainBegan, listenerClosed: UInt64?
    /// When the loop last woke up, in monotonic nanoseconds: near enough for deadlines, which are seconds away.
    private(set) var now = MonotonicClock.nanoseconds()
    /// Of the same moment.
    let date = DateHeader()

    /// What the system reported of the daemon and of `wakeup`, in this order.
    private var watched: [pollfd] = []

    /// Takes the listener over.
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
            date.refresh()
            let (finished, drainUntil) = inbox.withLock { inbox in
                defer { if !inbox.finished.isEmpty { inbox.finished = [] } }
                return (inbox.finished, inbox.drainUntil)
            }
            tasks -= finished.count
            for (request, response) in finished where request.isCurrent { answer(request.record, with: response) }
            hasFreedPlace = false
            daemon.run()
            if listenerClosed == nil { makeRoom(daemon) }
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
            return inbox.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Drops the connections that are too slow.
    private func sweep(_ daemon: Daemon) {
        for record in connections.values where now >= record.deadline { record.drop() }
        for record in bodies.slow(now: now, period: deadlines.bodyPeriod, rate: settings.minimumBodyRate) {
            record.drop()
        }
        dropGoneClients()
        if listenerClosed == nil { watchListener(daemon) }
        descriptors?.look(from: wakeup)
    }

    /// Until something happens: on a socket, in a task, or by the clock.
    private func wait(_ daemon: Daemon) {
        if triesInVain { usleep(Self.stallPause) }
        let longest: UInt64 = drainBegan == nil ? 250 : 10
        let pause = hasFreedPlace ? 0 : min(longest, daemon.pause ?? longest)
        _ = unsafe poll(&watched, 2, Int32(pause))
        if watched[1].revents != 0 {
            var count: UInt64 = 0
            _ = unsafe read(wakeup, &count, 8)
        }
    }
}

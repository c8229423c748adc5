import CMicroHTTPD
import Glibc
import HTTP
import Locking

/// Two of libmicrohttpd's daemons and the thread that drives them. The library's own epoll thread stalls after every full
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
    let inbox = Locked(Inbox())
    let wakeup: Int32
    let door: Door
    /// Nil only until `init` has made them: a daemon's callbacks know their loop.
    private(set) var daemons: (usual: Daemon, roomy: Daemon)?
    /// Whose connection a daemon is being given.
    var admitted: ConnectionRecord?

    var connections: [ObjectIdentifier: ConnectionRecord] = [:]
    /// Requests whose line was read and whose answer is not out yet.
    var openRequests = 0
    /// Those of them that wait for a task, with their connections.
    var suspended: [ObjectIdentifier: (connection: OpaquePointer, record: ConnectionRecord)] = unsafe [:]
    var headRoom = HeadRoom()
    let largeBodies = LargeBodies()
    /// In monotonic nanoseconds; nil while the server serves.
    var drainBegan: UInt64?
    /// When the loop last woke up, in monotonic nanoseconds: near enough for deadlines, which are seconds away.
    private(set) var now = MonotonicClock.nanoseconds()
    /// Of the same moment.
    let date = DateHeader()

    /// What the system told of the daemons, the door and `wakeup`, in this order.
    private var watched: [pollfd] = []

    init(_ listener: ListeningSocket, _ settings: ServerSettings, _ handler: any HTTPHandler, _ counts: AddressCounts)
        throws(ServerStartError)
    {
        guard let door = Door(listener.descriptor, counts) else { throw .daemonRefused }
        self.settings = settings
        deadlines = Deadlines(settings)
        self.handler = handler
        self.counts = counts
        self.door = door
        wakeup = gateway_eventfd()
        let usual = wakeup < 0 ? nil : Daemon(for: self, memory: Self.usualMemory)
        guard let usual, let roomy = Daemon(for: self, memory: Self.roomyMemory) else {
            usual?.stop()
            door.shut()
            throw .daemonRefused
        }
        daemons = (usual, roomy)
        watched = [usual.events, roomy.events, door.events, wakeup].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
    }

    /// For each connection that begins with a small head, in bytes: room for one of 24 KiB, the library's records of its
    /// fields included, and an answer's head of 5 KB. (While it parsed cookies, 44 KiB did not hold 180 of them.) A later
    /// head that does not fit, a target of 30 KiB say, gets the library's own answer.
    private static let usualMemory = 32 * 1024
    /// For each other one: room for a head well beyond the limit, so that we and not libmicrohttpd answer one with a
    /// parameter of 64 KiB.
    private static let roomyMemory = 70 * 1024

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
        door.shut()
        stopDaemons()
    }

    private func stopDaemons() {
        daemons?.usual.stop()
        daemons?.roomy.stop()
        daemons = nil
    }

    @unsafe private static func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context = unsafe context else { return nil }
        let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
        loop.run()
        return nil
    }

    private func run() {
        guard let daemons else { return }
        var nextSweep = now
        while true {
            if drainBegan == nil { door.listen(room > 0) }
            let isLate = wait(daemons)
            now = MonotonicClock.nanoseconds()
            date.refresh()
            let (finished, drainUntil) = inbox.withLock { inbox in
                defer { if !inbox.finished.isEmpty { inbox.finished = [] } }
                return (inbox.finished, inbox.drainUntil)
            }
            for (request, response) in finished where request.isCurrent { answer(request.record, with: response) }
            let isKnocked = watched[2].revents != 0
            if isKnocked { for guest in door.arrivals(room: room, deadline: now + deadlines.head) { letIn(guest) } }
            let wantsBoth = isLate || isKnocked || !finished.isEmpty || now >= nextSweep
            if wantsBoth || watched[0].revents != 0 { daemons.usual.run() }
            if wantsBoth || watched[1].revents != 0 { daemons.roomy.run() }
            if now >= nextSweep {
                for record in connections.values where now >= record.deadline { record.drop() }
                if drainBegan == nil { door.sweep(now: now) }
                nextSweep = now + 250_000_000
            }
            if let drainUntil, isDrained(until: drainUntil) { break }
        }
        stopDaemons()
        let waiting = inbox.withLock { inbox in
            inbox.hasEnded = true
            inbox.finished = []
            return inbox.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Whoever stands there still comes in.
    func closeDoor() {
        for guest in door.close(deadline: now + deadlines.head) { letIn(guest) }
        // The descriptor may soon be somebody else's.
        watched[2].fd = -1
    }

    /// For how many more connections there is place.
    private var room: Int { max(settings.maximumConnectionsPerLoop - connections.count - door.waiting, 0) }

    /// Until something happens: on a socket, in a task, or by the clock. True where a daemon may be late.
    private func wait(_ daemons: (usual: Daemon, roomy: Daemon)) -> Bool {
        let longest: UInt64 = drainBegan == nil ? 250 : 10
        let pause = min(longest, daemons.usual.pause ?? longest, daemons.roomy.pause ?? longest)
        let count = unsafe poll(&watched, 4, Int32(pause))
        if watched[3].revents != 0 {
            var count: UInt64 = 0
            _ = unsafe read(wakeup, &count, 8)
        }
        return count == 0 || pause == 0
    }
}

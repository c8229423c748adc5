import CCurl
import Glibc

/// The sockets that libcurl wants to hear of, and the call that wakes the loop up: an epoll descriptor with an eventfd
/// among its sockets.
///
/// `@unchecked Sendable`: both descriptors are constants until `deinit`, and `wake` alone is for every thread; the rest
/// belongs to the loop's.
@safe final class SocketWatch: @unchecked Sendable {
    private let epoll: Int32
    private let wakeup: Int32
    /// By descriptor: whether libcurl waits for it. A socket it has left stays registered: as a rule it is a kept
    /// connection, which the next request uses again.
    private var isWanted: [Bool] = []
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)

    init() throws(ClientSetupError) {
        epoll = ccurl_epoll()
        wakeup = ccurl_eventfd()
        guard epoll >= 0, wakeup >= 0, register(wakeup, for: EPOLLIN.rawValue) else { throw .noResources }
    }

    deinit {
        if epoll >= 0 { close(epoll) }
        if wakeup >= 0 { close(wakeup) }
    }

    /// Ends the wait that is under way, or the next one.
    func wake() {
        var one: UInt64 = 1
        // The only failure is a counter that is full: then the wait ends all the same.
        _ = unsafe write(wakeup, &one, 8)
    }

    /// `what` is one of libcurl's `CURL_POLL_…`. A socket that the system does not take in (out of memory) is one that
    /// never stirs: its transfer ends by its time-out.
    func watch(_ socket: Int32, _ what: Int32) {
        let place = Int(socket)
        if place >= isWanted.count { isWanted += Array(repeating: false, count: place + 1 - isWanted.count) }
        isWanted[place] = what != CURL_POLL_REMOVE
        guard isWanted[place] else { return }
        let reading = what & CURL_POLL_IN != 0 ? EPOLLIN.rawValue : 0
        let writing = what & CURL_POLL_OUT != 0 ? EPOLLOUT.rawValue : 0
        _ = register(socket, for: reading | writing)
    }

    /// Waits for at most `pause` milliseconds, for ever if that is negative, and tells `stir` which sockets have stirred,
    /// in libcurl's `CURL_CSELECT_…`.
    func wait(atMost pause: Int32, _ stir: (_ socket: Int32, _ how: Int32) -> Void) {
        let count = unsafe epoll_wait(epoll, &events, Int32(events.count), pause)
        for position in 0..<max(0, Int(count)) {
            let socket = unsafe events[position].data.fd
            if socket == wakeup {
                var calls: UInt64 = 0
                _ = unsafe read(wakeup, &calls, 8)
            } else if isWanted[Int(socket)] {
                stir(socket, Self.meaning(of: unsafe events[position].events))
            } else {
                // A kept connection that the server has closed. libcurl finds out when it looks at it again.
                _ = epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
            }
        }
    }

    /// The system itself forgets a socket that is closed, and its number may be another's by now: so the only one who
    /// knows whether it is registered is the system.
    private func register(_ socket: Int32, for events: UInt32) -> Bool {
        var event = unsafe epoll_event(events: events, data: epoll_data(fd: socket))
        return unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0
            || epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0
    }

    /// An error or an end is something to read: the reading will tell. Said to be an error, it would fail a transfer
    /// whose answer has come already.
    private static func meaning(of events: UInt32) -> Int32 {
        var how: Int32 = 0
        if events & ~EPOLLOUT.rawValue != 0 { how |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { how |= CURL_CSELECT_OUT }
        return how
    }
}

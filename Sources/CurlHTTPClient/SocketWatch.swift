import CCurl
import Glibc

/// Waits with epoll for the sockets that libcurl watches, and for an eventfd that wakes the loop.
///
/// `@unchecked Sendable`: both descriptors are constants until `deinit`. Every thread may call `wake`; the rest belongs to
/// the loop's thread.
@safe final class SocketWatch: @unchecked Sendable {
    private let epoll: Int32
    private let wakeup: Int32
    /// By descriptor: whether libcurl watches it. Other sockets stay registered: most are kept connections, which the next
    /// request uses again.
    private var isWatched: [Bool] = []
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
        // The write fails only where the counter is full, and then the wait ends too.
        _ = unsafe write(wakeup, &one, 8)
    }

    /// `what` is one of libcurl's `CURL_POLL_…`. A socket that cannot be registered (out of memory) never becomes ready:
    /// its transfer times out.
    func watch(_ socket: Int32, _ what: Int32) {
        let place = Int(socket)
        if place >= isWatched.count { isWatched += Array(repeating: false, count: place + 1 - isWatched.count) }
        isWatched[place] = what != CURL_POLL_REMOVE
        guard isWatched[place] else { return }
        let reading = what & CURL_POLL_IN != 0 ? EPOLLIN.rawValue : 0
        let writing = what & CURL_POLL_OUT != 0 ? EPOLLOUT.rawValue : 0
        _ = register(socket, for: reading | writing)
    }

    /// Waits for at most `pause` milliseconds, without limit if that is negative. Calls `report` for each ready socket with
    /// libcurl's `CURL_CSELECT_…`.
    func wait(atMost pause: Int32, _ report: (_ socket: Int32, _ events: Int32) -> Void) {
        let count = unsafe epoll_wait(epoll, &events, Int32(events.count), pause)
        for position in 0..<max(0, Int(count)) {
            let socket = unsafe events[position].data.fd
            if socket == wakeup {
                var calls: UInt64 = 0
                _ = unsafe read(wakeup, &calls, 8)
            } else if isWatched[Int(socket)] {
                report(socket, Self.meaning(of: unsafe events[position].events))
            } else {
                // A kept connection that the server has closed. libcurl checks it before its next use.
                _ = epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
            }
        }
    }

    /// The kernel removes a closed socket from epoll, and a new socket may have its number. So only the kernel knows
    /// whether a number is registered.
    private func register(_ socket: Int32, for events: UInt32) -> Bool {
        var event = unsafe epoll_event(events: events, data: epoll_data(fd: socket))
        return unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0
            || epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0
    }

    /// An error or the stream's end counts as readable, and libcurl finds it when it reads. As an error it would fail a
    /// transfer whose response is already in the buffer.
    private static func meaning(of events: UInt32) -> Int32 {
        var how: Int32 = 0
        if events & ~EPOLLOUT.rawValue != 0 { how |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { how |= CURL_CSELECT_OUT }
        return how
    }
}

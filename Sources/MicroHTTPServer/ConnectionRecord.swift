import Glibc
import HTTP

/// What we know of one connection beyond libmicrohttpd: who it is, and when it has to have said more.
final class ConnectionRecord {
    let descriptor: Int32
    let peer: PeerAddress
    /// In nanoseconds of the monotonic clock; `.max` while we are the ones who work.
    var deadline: UInt64

    init(descriptor: Int32, peer: PeerAddress, deadline: UInt64) {
        self.descriptor = descriptor
        self.peer = peer
        self.deadline = deadline
    }

    /// Ends a connection that was too slow: libmicrohttpd sees its end and cleans up.
    func drop() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}

enum MonotonicClock {
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// What the settings say, in nanoseconds: asked several times for every request, and a `Duration` counts in 128 bits.
struct Deadlines {
    let head, body, idle: UInt64

    init(_ settings: ServerSettings) {
        head = settings.headDeadline.nanoseconds
        body = settings.bodyDeadline.nanoseconds
        idle = settings.idleTimeout.nanoseconds
    }
}

extension Duration {
    var nanoseconds: UInt64 {
        UInt64(clamping: components.seconds) * 1_000_000_000 + UInt64(clamping: components.attoseconds / 1_000_000_000)
    }
}

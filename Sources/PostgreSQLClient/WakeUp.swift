import CPostgreSQL
import Glibc

/// An eventfd that ends another thread's wait.
final class WakeUp: Sendable {
    private let descriptor: Int32

    init?() {
        descriptor = cpostgresql_eventfd()
        if descriptor < 0 { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Ends the wait that is under way, or the next one.
    func signal() {
        var one: UInt64 = 1
        // The write fails only where the counter is full, and then the wait ends too.
        _ = unsafe write(descriptor, &one, 8)
    }

    /// In milliseconds.
    func wait(atMost pause: Int32) { wait([descriptor], pause) }

    /// Until a signal, or until `socket` can be read.
    func wait(or socket: Int32) { wait([descriptor, socket], -1) }

    private func wait(_ descriptors: [Int32], _ pause: Int32) {
        var watched = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = unsafe poll(&watched, nfds_t(watched.count), pause)
        var signals: UInt64 = 0
        _ = unsafe read(descriptor, &signals, 8)
    }
}

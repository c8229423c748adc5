import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// Where connections come in: takes them from the listener and keeps them until they say something, for the first bytes
/// tell what a connection is for. All on the loop's thread.
///
/// Nearly everybody's heads are small, and libmicrohttpd clears a connection's memory behind every request: with 30 KiB
/// instead of 48, and no cookies to parse, a decision took a microsecond less, of ten and a half, and with 22 instead of 30
/// half of one for whoever is signed in. Who begins with a head that is far too large still gets an answer of ours, for
/// which the library needs more.
final class Door {
    /// Somebody at the door.
    struct Guest {
        let record: ConnectionRecord
        let address: SocketAddress.Stored
        /// Said something other than one small head.
        let needsRoom: Bool
    }

    private let listener: Int32
    private let epoll: Int32
    private let counts: AddressCounts
    private var silent: [Int32: Guest] = [:]
    private var isListening = false
    /// The system had no descriptor left for a new connection.
    private var isStarved = false

    /// Takes the listener over, even where nil because the system gives nothing to watch it with.
    init?(_ listener: Int32, _ counts: AddressCounts) {
        self.listener = listener
        self.counts = counts
        epoll = gateway_epoll()
        guard epoll >= 0 else {
            Glibc.close(listener)
            return nil
        }
    }

    /// Readable when somebody knocks or says something.
    var events: Int32 { epoll }
    /// Those who have not said anything yet.
    var waiting: Int { silent.count }

    /// Whether to take new connections; the others wait in the kernel's queue.
    func listen(_ wanted: Bool) {
        let isWanted = wanted && !isStarved
        guard isWanted != isListening else { return }
        if isWanted {
            isListening = gateway_epoll_watch(epoll, listener)
        } else {
            gateway_epoll_forget(epoll, listener)
            isListening = false
        }
    }

    /// Whom the loop has to let in now: everybody, for those who are in have a turn before it looks here again. `room`:
    /// for how many new ones there is place.
    func arrivals(room: Int, deadline: UInt64) -> [Guest] {
        var guests: [Guest] = []
        var left = room
        var ready = [Int32](repeating: -1, count: 64)
        var count: Int32
        repeat {
            count = unsafe gateway_epoll_readable(epoll, &ready)
            for socket in ready.prefix(Int(max(count, 0))) {
                if let guest = silent.removeValue(forKey: socket) {
                    gateway_epoll_forget(epoll, socket)
                    if let guest = hear(guest) { guests.append(guest) }
                    continue
                }
                while left > 0, let guest = next(deadline) {
                    left -= 1
                    if let guest = hear(guest) { guests.append(guest) }
                }
            }
        } while count == ready.count
        return guests
    }

    /// Sends away whoever said nothing in time, and tries again where the system had nothing left.
    func sweep(now: UInt64) {
        isStarved = false
        for guest in silent.values where now >= guest.record.deadline {
            silent[guest.record.descriptor] = nil
            turnAway(guest)
        }
    }

    /// Closes the door. Whoever the kernel had already greeted, or has not said anything yet, is let in.
    func close(deadline: UInt64) -> [Guest] {
        listen(false)
        var guests = Array(silent.values)
        for guest in guests { gateway_epoll_forget(epoll, guest.record.descriptor) }
        silent = [:]
        while let guest = next(deadline) { guests.append(guest) }
        shut()
        return guests
    }

    /// The same when the loop never ran.
    func shut() {
        Glibc.close(listener)
        Glibc.close(epoll)
    }

    /// The next in the kernel's queue whose address may have one more.
    private func next(_ deadline: UInt64) -> Guest? {
        while true {
            var address = SocketAddress.Stored()
            let socket = unsafe gateway_accept(listener, &address.storage, &address.size)
            guard socket >= 0 else {
                // Gone before it was greeted: the next one may be there.
                if errno == ECONNABORTED || errno == EINTR { continue }
                isStarved = errno != EAGAIN
                return nil
            }
            let guest = Guest(
                record: ConnectionRecord(descriptor: socket, peer: address.peer, deadline: deadline), address: address,
                needsRoom: true)
            if counts.mayOpen(guest.record.peer) {
                counts.opened(guest.record.peer)
                return guest
            }
            Glibc.close(socket)
        }
    }

    /// Nil for a guest who is silent still, or gone.
    private func hear(_ guest: Guest) -> Guest? {
        let socket = guest.record.descriptor
        // A login code may be in it.
        var heard = [UInt8](repeating: 0, count: 4096)
        defer { heard.cleanse() }
        let count = unsafe recv(socket, &heard, heard.count, Int32(MSG_PEEK))
        if count > 0 {
            return Guest(
                record: guest.record, address: guest.address, needsRoom: !isOneHead(heard.span.extracting(first: count))
            )
        }
        if count < 0, errno == EAGAIN, gateway_epoll_watch(epoll, socket) {
            silent[socket] = guest
        } else {
            turnAway(guest)
        }
        return nil
    }

    private func turnAway(_ guest: Guest) {
        Glibc.close(guest.record.descriptor)
        counts.closed(guest.record.peer)
    }

    /// By its end: a head that is whole, and no body behind it.
    private func isOneHead(_ bytes: Span<UInt8>) -> Bool {
        SameBytes.areSame(bytes.extracting(last: 4), Self.headEnd.span)
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
}

/// Whose turn it is: so many transfers to a host at once, the others in the order in which they came. Performs no I/O.
///
/// libcurl can keep them waiting too, but 7.88 tries all of them again whenever one ends, and forgets their time-outs.
struct Turns {
    private struct Host {
        var running = 0
        var waiting: [Transfer] = []
    }

    private let limit: Int
    private var hosts: [String: Host] = [:]
    private(set) var waitingCount = 0

    init(limit: Int) { self.limit = limit }

    /// True when `transfer` may go at once; else it waits.
    mutating func enter(_ transfer: Transfer) -> Bool {
        var host = hosts.removeValue(forKey: transfer.url.origin) ?? Host()
        defer { hosts[transfer.url.origin] = host }
        if host.running < limit {
            host.running += 1
            return true
        }
        host.waiting.append(transfer)
        waitingCount += 1
        return false
    }

    /// One that went is over. Who goes in its place, if anybody waits.
    mutating func leave(_ transfer: Transfer) -> Transfer? {
        let origin = transfer.url.origin
        guard var host = hosts.removeValue(forKey: origin) else { return nil }
        var next: Transfer?
        if host.waiting.isEmpty {
            host.running -= 1
        } else {
            next = host.waiting.removeFirst()
            waitingCount -= 1
        }
        if host.running > 0 { hosts[origin] = host }
        return next
    }

    /// One that waits does not any more.
    mutating func giveUp(_ transfer: Transfer) {
        guard let place = hosts[transfer.url.origin]?.waiting.firstIndex(where: { $0 === transfer }) else { return }
        hosts[transfer.url.origin]?.waiting.remove(at: place)
        waitingCount -= 1
    }

    var waiting: [Transfer] { hosts.values.flatMap(\.waiting) }
}

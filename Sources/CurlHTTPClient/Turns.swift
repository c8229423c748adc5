/// Whose turn it is: so many transfers to a host at once, the others in the order in which they came. Performs no I/O.
///
/// libcurl can keep them waiting too, but 7.88 does not look at their time-outs, and under `curl_multi_socket_action` it
/// made 1,024 logins at once a quarter dearer than they were under `curl_multi_perform`.
///
/// As long as a host answers quickly, few connections carry as much as many, and cost less: 512 logins at once took 142 µs
/// each instead of 161. Only a slow host needs many.
struct Turns {
    private struct Host {
        var running = 0
        /// How many may run: few or many.
        var allowed: Int
        /// How many have ended since the last look.
        var ended = 0
        var waiting: [Transfer] = []
    }

    private let many: Int
    private let few: Int
    private var hosts: [String: Host] = [:]
    private(set) var waitingCount = 0

    /// `many`: never more than these to one host. `few`: as many as that while the host is quick.
    init(many: Int, few: Int = 48) {
        self.many = many
        self.few = min(few, many)
    }

    /// True when `transfer` may go at once; else it waits.
    mutating func enter(_ transfer: Transfer) -> Bool {
        var host = hosts.removeValue(forKey: transfer.url.origin) ?? Host(allowed: few)
        defer { hosts[transfer.url.origin] = host }
        if host.running < host.allowed {
            host.running += 1
            return true
        }
        if host.waiting.isEmpty { host.ended = 0 }
        host.waiting.append(transfer)
        waitingCount += 1
        return false
    }

    /// One that went is over. Who goes in its place, if anybody waits.
    mutating func leave(_ transfer: Transfer) -> Transfer? {
        let origin = transfer.url.origin
        guard var host = hosts.removeValue(forKey: origin) else { return nil }
        host.running -= 1
        host.ended += 1
        let next = next(of: &host)
        if host.running > 0 { hosts[origin] = host }
        return next
    }

    /// While anybody waits, called every so often. Who goes besides, because their host is slow: fewer than two have
    /// ended in each place since the last look.
    mutating func look() -> [Transfer] {
        var admitted: [Transfer] = []
        for (origin, var host) in hosts where !host.waiting.isEmpty {
            if host.ended < 2 * few {
                host.allowed = many
            } else if host.ended >= 2 * host.allowed {
                host.allowed = few
            }
            host.ended = 0
            while let next = next(of: &host) { admitted.append(next) }
            hosts[origin] = host
        }
        return admitted
    }

    private mutating func next(of host: inout Host) -> Transfer? {
        guard host.running < host.allowed, !host.waiting.isEmpty else { return nil }
        host.running += 1
        waitingCount -= 1
        return host.waiting.removeFirst()
    }

    /// One that waits does not any more.
    mutating func giveUp(_ transfer: Transfer) {
        guard let place = hosts[transfer.url.origin]?.waiting.firstIndex(where: { $0 === transfer }) else { return }
        hosts[transfer.url.origin]?.waiting.remove(at: place)
        waitingCount -= 1
    }

    var waiting: [Transfer] { hosts.values.flatMap(\.waiting) }
}

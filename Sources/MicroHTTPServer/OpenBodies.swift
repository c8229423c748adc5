/// The requests of one loop whose bodies are not complete, the oldest first.
///
/// Clients that send slowly must not take the connections of decisions. Behind a proxy all of them have the proxy's
/// address, so no limit for each address helps. But a decision has no body. So requests with a body get a quarter of the
/// connections: when one more begins, the oldest is dropped. Nearly every body arrives with its head and is complete at
/// once, so it is never the oldest. The other three quarters stay free for decisions, and the admin listener is a server
/// of its own. In addition, a body has to keep up a minimum rate (`ServerSettings.minimumBodyRate`).
struct OpenBodies {
    private let limit: Int
    private var records: [ConnectionRecord] = []
    /// Those whose bodies are larger than usual, the oldest first, until the request is answered. They arrive before their
    /// sender is known, so all of them together must not take more than some megabytes.
    private var large: [ConnectionRecord] = []
    static let maximumLarge = 32

    init(connections: Int) { limit = max(connections / 4, 1) }

    /// Returns the connection that is to be dropped for this one.
    mutating func began(_ record: ConnectionRecord) -> ConnectionRecord? {
        records.append(record)
        record.body?.isOpen = true
        guard records.count > limit else { return nil }
        let oldest = records.removeFirst()
        oldest.body?.isOpen = false
        return oldest
    }

    /// Returns the connection that is to be dropped for this one; this one itself where all others are complete.
    mutating func becameLarge(_ record: ConnectionRecord) -> ConnectionRecord? {
        large.append(record)
        guard large.count > Self.maximumLarge, let oldest = large.firstIndex(where: { $0.body?.isOpen == true })
        else { return nil }
        return large.remove(at: oldest)
    }

    /// The request is answered or given up.
    mutating func ended(_ record: ConnectionRecord) {
        completed(record)
        guard record.body?.isLarge == true else { return }
        large.removeAll { $0 === record }
    }

    /// Does nothing for a request without a body: every decision calls this, and a search among a thousand open bodies
    /// costs as much as the decision.
    mutating func completed(_ record: ConnectionRecord) {
        guard let body = record.body, body.isOpen else { return }
        body.isOpen = false
        if let index = records.firstIndex(where: { $0 === record }) { records.remove(at: index) }
    }

    /// Those that were slower than the minimum rate in their last whole period. `now`, `period`: in nanoseconds; `rate`:
    /// in bytes a second.
    func slow(now: UInt64, period: UInt64, rate: Int) -> [ConnectionRecord] {
        records.filter { $0.body?.isSlow(now: now, period: period, rate: rate) ?? false }
    }
}

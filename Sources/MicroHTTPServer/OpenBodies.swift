/// The requests of one loop with incomplete bodies, the oldest first.
///
/// Clients that send slowly must not take the connections of decisions. Behind a proxy they all have the proxy's address, so
/// a limit per address does not help. But a decision has no body. So requests with a body get a quarter of the connections:
/// when one more begins, the oldest is dropped. Nearly every body arrives with its head and is complete at once. The admin
/// listener is a server of its own. In addition, a body needs a minimum rate (`ServerSettings.minimumBodyRate`).
struct OpenBodies {
    private let limit: Int
    private var records: [ConnectionRecord] = []
    /// Requests with bodies above the usual size, the oldest first, until the answer. Their senders are not authenticated
    /// yet, so all of these bodies together may take only some megabytes.
    private var large: [ConnectionRecord] = []
    static let maximumLarge = 32

    init(connections: Int) { limit = max(connections / 4, 1) }

    /// Returns the connection to drop for this one.
    mutating func began(_ record: ConnectionRecord) -> ConnectionRecord? {
        records.append(record)
        record.body?.isOpen = true
        guard records.count > limit else { return nil }
        let oldest = records.removeFirst()
        oldest.body?.isOpen = false
        return oldest
    }

    /// Returns the connection to drop for this one; this one itself where all others are complete.
    mutating func becameLarge(_ record: ConnectionRecord) -> ConnectionRecord? {
        large.append(record)
        guard large.count > Self.maximumLarge, let oldest = large.firstIndex(where: { $0.body?.isOpen == true })
        else { return nil }
        return large.remove(at: oldest)
    }

    /// The request was answered or dropped.
    mutating func ended(_ record: ConnectionRecord) {
        completed(record)
        guard record.body?.isLarge == true else { return }
        large.removeAll { $0 === record }
    }

    /// Every decision calls this: a request without a body must not search the list.
    mutating func completed(_ record: ConnectionRecord) {
        guard let body = record.body, body.isOpen else { return }
        body.isOpen = false
        if let index = records.firstIndex(where: { $0 === record }) { records.remove(at: index) }
    }

    /// The requests that were slower than the minimum rate in their last whole period. `now`, `period`: in nanoseconds;
    /// `rate`: in bytes a second.
    func slow(now: UInt64, period: UInt64, rate: Int) -> [ConnectionRecord] {
        records.filter { $0.body?.isSlow(now: now, period: period, rate: rate) ?? false }
    }
}

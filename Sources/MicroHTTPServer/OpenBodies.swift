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

    /// Complete or given up. Does nothing for a request without a body: every decision calls this, and a search among
    /// a thousand open bodies costs as much as the decision.
    mutating func ended(_ record: ConnectionRecord) {
        guard let body = record.body, body.isOpen else { return }
        body.isOpen = false
        if let index = records.firstIndex(where: { $0 === record }) { records.remove(at: index) }
    }

    /// Those that are slower than the minimum rate. `now`, `grace`: in nanoseconds; `rate`: in bytes a second.
    func slow(now: UInt64, grace: UInt64, rate: Int) -> [ConnectionRecord] {
        records.filter { record in
            guard let body = record.body, now > body.began + grace else { return false }
            return Double(body.received) < Double(rate) * Double(now - body.began) / 1e9
        }
    }
}

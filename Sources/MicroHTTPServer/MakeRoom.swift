/// Room for newcomers at the connection limit.
///
/// Connections that wait for a request are the ones that can go: nothing is under way on them, and a proxy whose kept
/// connection is closed opens another. Silent ones go first, those that wait longest before others. Without this, one
/// client that sends nothing takes a small listener from everybody, loopback included, until each head's deadline.
extension EventLoop {
    /// A request that is on its way arrives sooner, and the connections of a busy proxy wait shorter. In nanoseconds.
    static let leastWait: UInt64 = 1_000_000_000
    /// While the server drains, there is less time to lose. In nanoseconds.
    private static let leastWaitInDrain: UInt64 = 100_000_000
    /// Looking at all connections in vain is not to slow down a loop that is busy with them. In nanoseconds.
    private static let pause: UInt64 = 20_000_000

    /// To be called after every run: at most one connection goes, because the next run takes the newcomer.
    func makeRoom(_ daemon: Daemon) {
        guard connections.count >= settings.maximumConnectionsPerLoop, now >= nextSearchForRoom,
            daemon.hasWaitingConnections
        else { return }
        if let record = longestWaiting(atLeast: drainBegan == nil ? Self.leastWait : Self.leastWaitInDrain) {
            record.drop()
            // Not to be found a second time.
            record.waitsSince = .max
        } else {
            nextSearchForRoom = now + Self.pause
        }
    }

    /// `least`: in nanoseconds.
    func longestWaiting(atLeast least: UInt64) -> ConnectionRecord? {
        connections.values.lazy.filter { self.waits($0, atLeast: least) }.min { one, other in
            one.hasSentHead == other.hasSentHead ? one.waitsSince < other.waitsSince : !one.hasSentHead
        }
    }

    /// Whether no complete head has come for so long.
    func waits(_ record: ConnectionRecord, atLeast least: UInt64) -> Bool {
        record.waitsSince <= now && now - record.waitsSince >= least
    }
}

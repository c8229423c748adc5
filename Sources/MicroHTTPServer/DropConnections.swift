import CMicroHTTPD
import Glibc
import HTTP

/// Which connections the loop drops, beside those past their deadline.
extension EventLoop {
    /// A request that is on its way arrives sooner, and a busy proxy's connections are idle for less. In nanoseconds.
    static let leastWait: UInt64 = 1_000_000_000
    /// While the server drains, there is less time. In nanoseconds.
    private static let leastWaitInDrain: UInt64 = 100_000_000
    /// Between searches without a result, so that they do not slow down a busy loop. In nanoseconds.
    private static let searchPause: UInt64 = 20_000_000
    /// In microseconds.
    static let stallPause: UInt32 = 20_000

    /// At the connection limit, drops a connection that waits for a request. A proxy whose kept connection is closed opens
    /// another. Connections that never sent a request go first, then the longest waiting. Without this, one silent client
    /// takes a small listener, loopback included, until each head's deadline.
    ///
    /// To be called after every run: at most one connection is dropped, because the next run accepts the pending one.
    func dropForPending(_ daemon: Daemon) {
        guard connections.count >= settings.maximumConnectionsPerLoop, now >= nextSearch, daemon.hasPendingConnections
        else { return }
        if let record = longestWaiting(atLeast: drainBegan == nil ? Self.leastWait : Self.leastWaitInDrain) {
            record.drop()
            // The next search must not find it again.
            record.waitsSince = .max
        } else {
            nextSearch = now + Self.searchPause
        }
    }

    /// Drops clients that have closed without the library's notice: it does not read from a suspended connection, and
    /// version 0.9.75 keeps a connection whose client has closed it in the middle of a head. To be called several times a
    /// second.
    func dropGoneClients() {
        // A head that came a moment ago may still be in the library's memory, with its sender's end after it.
        let records = connections.values.filter { waits($0, atLeast: Self.leastWait) || $0.phase == .waiting }
        // A client that closes its sending side may still read, so only a reset ends an open request.
        let whileWaiting = settings.cancelsForGoneClients ? gateway_poll_closed() : 0
        var watched = records.map { record in
            pollfd(fd: record.descriptor, events: record.phase == .waiting ? whileWaiting : Int16(POLLIN), revents: 0)
        }
        guard unsafe poll(&watched, nfds_t(watched.count), 0) > 0 else { return }
        for (record, state) in zip(records, watched) where state.revents != 0 {
            if record.phase == .waiting {
                record.task?.cancel()
                // The library finds the reset when it sends this.
                answer(record, with: handler.answer(unavailable: .abandoned))
            } else if gateway_has_ended(record.descriptor) {
                record.drop()
            }
        }
    }

    /// Drops a connection when the process has no descriptor left. libmicrohttpd stops listening after a failed `accept`,
    /// until one of its connections ends, which may be long after the shortage. Without a connection it tries again in a
    /// busy loop. To be called several times a second.
    func dropForStalledListener(_ daemon: Daemon) {
        let isPending = connections.count < settings.maximumConnectionsPerLoop && daemon.hasPendingConnections
        // The next run accepts connections that came a moment ago.
        let isStalled = isPending && hasSeenPending && !hasAccepted
        hasSeenPending = isPending
        hasAccepted = false
        if isStalled { longestWaiting(atLeast: 0)?.drop() }
        isStalledWithoutConnection = isStalled && connections.isEmpty
    }

    /// `least`: in nanoseconds.
    private func longestWaiting(atLeast least: UInt64) -> ConnectionRecord? {
        connections.values.lazy.filter { self.waits($0, atLeast: least) }.min { one, other in
            one.hasSentHead == other.hasSentHead ? one.waitsSince < other.waitsSince : !one.hasSentHead
        }
    }

    /// Whether no complete head has come for at least `least` nanoseconds.
    private func waits(_ record: ConnectionRecord, atLeast least: UInt64) -> Bool {
        record.waitsSince <= now && now - record.waitsSince >= least
    }
}

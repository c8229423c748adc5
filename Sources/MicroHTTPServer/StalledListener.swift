/// When the process has no descriptor left, an `accept` fails. After that libmicrohttpd listens again only when one of its
/// connections ends, which may be much later than the shortage. Without a connection it tries again and again.
extension EventLoop {
    /// In microseconds.
    static let stallPause: UInt32 = 20_000

    /// To be called several times a second.
    func watchListener(_ daemon: Daemon) {
        let isWaiting = connections.count < settings.maximumConnectionsPerLoop && daemon.hasWaitingConnections
        // Those that came a moment ago are taken by the next run.
        let isStalled = isWaiting && hasSeenWaiting && !hasAccepted
        hasSeenWaiting = isWaiting
        hasAccepted = false
        if isStalled { longestWaiting(atLeast: 0)?.drop() }
        triesInVain = isStalled && connections.isEmpty
    }
}

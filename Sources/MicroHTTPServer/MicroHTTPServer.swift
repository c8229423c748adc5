import Glibc
package import HTTP
import Locking

/// An HTTP server on libmicrohttpd. It runs from `start` until `drainAndStop` returns.
package final class MicroHTTPServer: Sendable {
    private let loops: [EventLoop]
    private let counts: AddressCounts
    package let maximumConnections: Int
    /// With the port that the system chose, where the settings have port 0.
    package let boundAddress: ListenAddress
    /// The socket file until it is removed.
    private let socketFile: Locked<SocketFile?>

    private init(
        loops: [EventLoop], counts: AddressCounts, maximumConnections: Int, boundAddress: ListenAddress,
        socketFile: SocketFile?
    ) {
        self.loops = loops
        self.counts = counts
        self.maximumConnections = maximumConnections
        self.boundAddress = boundAddress
        self.socketFile = Locked(socketFile)
    }

    /// The TCP port; 0 for other sockets.
    package var port: UInt16 {
        if case .tcp(_, let port) = boundAddress { port } else { 0 }
    }

    /// Connections that are open now.
    package var openConnections: Int { counts.total }

    package static var libraryVersion: String { HTTPLibrary.version }

    /// Opens the address and begins to answer. Leaves nothing open where it throws.
    package static func start(_ settings: ServerSettings, handler: any HTTPHandler) throws(ServerStartError)
        -> MicroHTTPServer
    {
        try HTTPLibrary.check(for: settings.listen, allowOld: settings.allowOldHTTPLibrary)
        let counts = AddressCounts(limit: settings.addressLimit)
        let descriptors = settings.reportShortDescriptors.map {
            DescriptorWatch(reserved: settings.reservedDescriptors, report: $0)
        }
        let first = try ListeningSocket.open(settings.listen)
        var loops: [EventLoop] = []
        do {
            // One listening socket for all loops. With one each (`SO_REUSEPORT`), a second gateway could share the port.
            for number in 0..<settings.loops {
                let listener = number == 0 ? first : try first.duplicated()
                loops.append(try EventLoop(listener, settings, handler, counts, descriptors))
            }
        } catch {
            for loop in loops { loop.abandon() }
            throw error
        }
        for (number, loop) in loops.enumerated() where !loop.start() {
            for idle in loops[number...] { idle.abandon() }
            for running in loops[..<number] { running.stopSoon() }
            throw .daemonRefused
        }
        return MicroHTTPServer(
            loops: loops, counts: counts, maximumConnections: settings.maximumConnections, boundAddress: first.address,
            socketFile: first.file)
    }

    /// Returns when every event loop has woken up since the call, or has ended. Never returns while one hangs.
    package func awaitLoops() async {
        for loop in loops { await loop.awaitWakeup() }
    }

    /// Accepts no new connection, finishes open requests, and stops after `limit` at the latest.
    package func drainAndStop(within limit: Duration) async {
        // First, and once: later the path may belong to the next server.
        let file = socketFile.withLock { file in
            defer { file = nil }
            return file
        }
        file?.remove()
        let deadline = MonotonicClock.nanoseconds() + limit.nanoseconds
        await withTaskGroup(of: Void.self) { group in
            for loop in loops { group.addTask { await loop.drain(until: deadline) } }
        }
    }
}

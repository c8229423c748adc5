/// One server: where it listens and how much it takes from whom.
package struct ServerSettings: Sendable {
    package var listen: ListenAddress
    /// Threads, each with a daemon and an event loop of its own.
    package var eventLoops = 1
    /// A connection without a byte in either direction ends after this.
    package var idleTimeout: Duration = .seconds(30)
    /// A request's line and headers have to be there after this, counted from the connection's start, or on a kept
    /// connection from the end of the idle time.
    package var headDeadline: Duration = .seconds(10)
    /// A request's body has to be there after this, counted from the end of its head.
    package var bodyDeadline: Duration = .seconds(10)
    /// In bytes a second, on average in each `bodyPeriod` since the body began.
    package var minimumBodyRate = 1024
    package var bodyPeriod: Duration = .seconds(3)
    /// Request line and headers. In bytes, each field counting `RequestHead.fieldOverhead` more: memory is what the limit is
    /// for (as RFC 9113 section 6.5.2 counts header lists).
    package var maximumHead = 24 * 1024
    /// In bytes.
    package var maximumBody = 64 * 1024
    package var maximumConnections = 4096
    /// Never more than connections: each loop holds at least one.
    var loops: Int { max(min(eventLoops, maximumConnections), 1) }
    /// A loop's share: loops do not ask each other, and in all it is never more than the limit.
    var maximumConnectionsPerLoop: Int { max(maximumConnections / loops, 1) }
    /// Requests that a task works on. The rest of the connections is for decisions, which need no task.
    var maximumTasksPerLoop: Int { max(maximumConnectionsPerLoop / 2, 1) }
    /// Whether a client gives its request up when it closes its side of the connection: the task that works on the answer is
    /// cancelled. Otherwise the task goes on, and only a reset ends the connection.
    package var cancelsForGoneClients = false
    /// From one address; nil for no such limit. Loopback and Unix sockets are exempt: a proxy holds many.
    package var maximumConnectionsPerAddress: Int? = 64
    /// At most a quarter of all, so that no client of a small listener takes it for itself.
    var addressLimit: Int? { maximumConnectionsPerAddress.map { min($0, max(maximumConnections / 4, 1)) } }
    /// Descriptors of the process that are not for this server's connections: a connection that would take one of them is
    /// closed.
    package var descriptorsKept = 0
    /// Called with true when only those are left, and with false when there are more again.
    package var reportShortDescriptors: (@Sendable (Bool) -> Void)?
    /// Listening beyond loopback on a libmicrohttpd with published request-parsing faults (before 1.0.9).
    package var allowOldHTTPLibrary = false

    package init(listen: ListenAddress) { self.listen = listen }
}

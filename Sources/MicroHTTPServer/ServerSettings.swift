/// The address and the limits of one server.
package struct ServerSettings: Sendable {
    package var listen: ListenAddress
    /// Each has a thread and a daemon of its own.
    package var eventLoops = 1
    /// A connection without a byte in either direction closes after this.
    package var idleTimeout: Duration = .seconds(30)
    /// The time for a request's line and headers, from the connection's start, or on a kept connection from the end of the
    /// idle time.
    package var headDeadline: Duration = .seconds(10)
    /// The time for a request's body, from the end of its head.
    package var bodyDeadline: Duration = .seconds(10)
    /// In bytes a second, on average in each `bodyPeriod` since the body began.
    package var minimumBodyRate = 1024
    package var bodyPeriod: Duration = .seconds(3)
    /// For the request line and headers. In bytes; each field counts `RequestHead.fieldOverhead` more, because the limit is for
    /// memory (RFC 9113 section 6.5.2 counts header lists so).
    package var maximumHead = 24 * 1024
    /// In bytes.
    package var maximumBody = 64 * 1024
    package var maximumConnections = 4096
    /// Never more than connections: each loop holds at least one.
    var loops: Int { max(min(eventLoops, maximumConnections), 1) }
    /// Loops do not share a counter, so each gets its share of the limit.
    var maximumConnectionsPerLoop: Int { max(maximumConnections / loops, 1) }
    /// Requests with a running task. The other connections are for decisions, which need no task.
    var maximumTasksPerLoop: Int { max(maximumConnectionsPerLoop / 2, 1) }
    /// Whether a client that closes its side of the connection cancels the task of its request. Otherwise the task goes on,
    /// and only a reset ends the connection.
    package var cancelsForGoneClients = false
    /// Nil for no limit. Loopback and Unix sockets are exempt: a proxy opens many connections.
    package var maximumConnectionsPerAddress: Int? = 64
    /// At most a quarter of all connections, so that one client cannot take all of a small listener.
    var addressLimit: Int? { maximumConnectionsPerAddress.map { min($0, max(maximumConnections / 4, 1)) } }
    /// Descriptors that are reserved for the rest of the process: a connection that would take one of them is closed.
    package var reservedDescriptors = 0
    /// Called with true when only the reserved ones are left, and with false when there are more again.
    package var reportShortDescriptors: (@Sendable (Bool) -> Void)?
    /// Whether to listen beyond loopback on a libmicrohttpd with published parser faults (before 1.0.9).
    package var allowOldHTTPLibrary = false

    package init(listen: ListenAddress) { self.listen = listen }
}

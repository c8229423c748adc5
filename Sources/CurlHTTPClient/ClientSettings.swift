/// Settings for all requests of one client.
package struct ClientSettings: Sendable {
    /// Time for name look-up, TCP and TLS together. A request's own time-out counts too; where it is longer, a slow name
    /// server leaves time for the answer.
    package var connectTimeout: Duration
    /// A private CA in PEM that replaces the system's roots; nil for the system's roots.
    package var caFile: String?
    /// The `User-Agent` of every request; empty for none.
    package var userAgent: String
    /// The per-host connection limit. Requests beyond it are queued within their own time-out.
    ///
    /// 256: a provider that answers in 50 ms then still gets 5,000 requests a second, and a burst does not open a
    /// thousand TLS connections at once, which costs both sides more than the queue. A quick host gets fewer.
    package var maximumConnectionsPerHost: Int
    /// Connections kept in all, those in use included; at least `maximumConnectionsPerHost` counts. libcurl closes an idle
    /// connection for every one above this: with a smaller value a client at its limit would reconnect for every request.
    package var maximumIdleConnections: Int
    /// A Unix socket that every request goes to, whatever its URL's host; nil for the network. A request has a connection
    /// of its own then: `KeptConnections` finds out about the end of TCP connections alone.
    package var unixSocket: String?
    /// For every request but those to loopback hosts and to a Unix socket; nil for direct connections. The environment's
    /// proxies are ignored either way.
    package var proxy: ForwardProxy?

    package init(
        connectTimeout: Duration = .seconds(5), caFile: String? = nil, userAgent: String = "sso-gateway",
        maximumConnectionsPerHost: Int = 256, maximumIdleConnections: Int = 512,
        unixSocket: String? = nil, proxy: ForwardProxy? = nil
    ) {
        self.connectTimeout = connectTimeout
        self.caFile = caFile
        self.userAgent = userAgent
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
        self.maximumIdleConnections = maximumIdleConnections
        self.unixSocket = unixSocket
        self.proxy = proxy
    }
}

/// Why there is no client.
package enum ClientSetupError: Error, Sendable, Equatable {
    /// The CA file cannot be read; `errno` says why.
    case caFileUnreadable(path: String, errno: Int32)
    /// The CA file was read and holds no PEM certificate.
    case caFileHoldsNoCertificate(path: String)
    /// No handle or thread: out of memory or descriptors.
    case noResources
}

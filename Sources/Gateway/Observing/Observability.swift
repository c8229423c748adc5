import HTTP

/// What every feature needs to report what happens: events, metrics and the time.
package struct Observability: Sendable {
    package let log: EventLog
    package let metrics: Metrics
    package let clock: Clock

    package init(log: EventLog = EventLog { _, _, _ in }, metrics: Metrics = Metrics(), clock: Clock) {
        self.log = log
        self.metrics = metrics
        self.clock = clock
    }
}

/// One request with its id and its time.
struct RequestContext: Sendable {
    let request: HTTPRequest
    let id: RequestID
    /// When the request arrived, or when work on it resumed after a wait. In seconds since 1970.
    let now: Int64

    /// The same request after a wait.
    func at(_ now: Int64) -> RequestContext { RequestContext(request: request, id: id, now: now) }
}

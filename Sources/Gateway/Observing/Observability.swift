import HTTP

/// What every part needs to report what happens: events, counters and the time.
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

/// One request on its way through the gateway.
struct RequestContext: Sendable {
    let request: HTTPRequest
    let id: RequestID
    /// When the request came, or when its answer went on after waiting. In seconds since 1970.
    let now: Int64

    /// The same request after waiting.
    func at(_ now: Int64) -> RequestContext { RequestContext(request: request, id: id, now: now) }
}

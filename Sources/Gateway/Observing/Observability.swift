import HTTP

/// What every feature shares with its surroundings: events, metrics, the time and randomness.
package struct Observability: Sendable {
    package let log: EventLog
    package let metrics: Metrics
    package let clock: Clock
    let random: RandomSource
    let requestIDs: RequestIDs
    let upstream = UpstreamHealth()

    package init(
        log: EventLog = EventLog { _, _, _ in }, metrics: Metrics = Metrics(), clock: Clock,
        random: RandomSource = .secure
    ) {
        self.log = log
        self.metrics = metrics
        self.clock = clock
        self.random = random
        requestIDs = RequestIDs(random)
    }

    func context(for request: HTTPRequest) -> RequestContext {
        RequestContext(request: request, id: requestIDs.next(), now: clock.unixSeconds())
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

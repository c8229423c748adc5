import HTTP
import Untrusted

/// Counts the requests of one kind to another server by their outcome, and logs why one had no answer.
struct ObservedClient: HTTPClient {
    enum Operation: String, Sendable, CaseIterable {
        case exchange, keys, discovery, member, account, token, rotation, hook, broker
    }

    private let client: any HTTPClient
    private let operation: Operation
    private let outcomes: CrossedCounter
    private let log: EventLog
    private let health: UpstreamHealth
    private let clock: Clock

    init(_ client: any HTTPClient, _ operation: Operation, _ observability: Observability) {
        self.client = client
        self.operation = operation
        log = observability.log
        health = observability.upstream
        clock = observability.clock
        outcomes = observability.metrics.counter(
            "upstream_requests_total", "Requests to other servers by operation and outcome.",
            labels: ("operation", "outcome"), values: (Operation.allCases.map(\.rawValue), Self.outcomes))
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let detail = FailureDetail()
        var request = request
        request.failureDetail = detail
        do {
            let response = try await client.send(Self.traced(request))
            outcomes.count(operation.rawValue, Self.outcome(response.status))
            judge(isFailure: response.status.rawValue >= 500)
            return response
        } catch {
            outcomes.count(operation.rawValue, error.reason)
            if Self.blamesServer(error) { judge(isFailure: true) }
            log.record(
                .upstreamFailed, nil,
                [
                    "operation": operation.rawValue, "host": Self.host(request.url), "reason": error.reason,
                    "detail": detail.text,
                ])
            throw error
        }
    }

    /// The caller's trace goes on at the other server.
    private static func traced(_ request: HTTPClientRequest) -> HTTPClientRequest {
        guard let trace = TraceContext.current else { return request }
        var request = request
        request.headers.append("traceparent", trace.traceparent)
        return request
    }

    private func judge(isFailure: Bool) {
        // The hook is the partner's own server.
        guard operation != .hook else { return }
        if isFailure {
            health.failed(operation.rawValue, now: clock.unixSeconds())
        } else {
            health.succeeded(operation.rawValue)
        }
    }

    /// Not for a request that could not be written as it was, nor for one that this process gave up.
    private static func blamesServer(_ error: HTTPClientError) -> Bool {
        switch error {
        case .cannotResolve, .cannotConnect, .tlsRefused, .timedOut, .tooLarge, .broken: true
        case .urlRefused, .headerRefused, .stopped, .cancelled: false
        }
    }

    private static let outcomes = ["1xx", "2xx", "3xx", "4xx", "5xx"] + HTTPClientError.reasons

    private static func outcome(_ status: HTTPStatus) -> String { "\(min(max(status.rawValue / 100, 1), 5))xx" }

    /// Host and port of a URL of the configuration.
    private static func host(_ url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return "" }
        return String(url[start...].prefix { $0 != "/" && $0 != "?" })
    }
}

import HTTP
import Untrusted

/// Counts the requests of one kind to another server by their outcome, and logs why one had no answer.
struct ObservedClient: HTTPClient {
    enum Operation: String, Sendable, CaseIterable {
        case exchange, keys, member, account, token, rotation, hook, broker
    }

    private let client: any HTTPClient
    private let operation: Operation
    private let outcomes: CrossedCounter
    private let log: EventLog

    init(_ client: any HTTPClient, _ operation: Operation, _ observability: Observability) {
        self.client = client
        self.operation = operation
        log = observability.log
        outcomes = observability.metrics.counter(
            "upstream_requests_total", "Requests to other servers by operation and outcome.",
            labels: ("operation", "outcome"), values: (Operation.allCases.map(\.rawValue), Self.outcomes))
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let detail = FailureDetail()
        var request = request
        request.failureDetail = detail
        do {
            let response = try await client.send(request)
            outcomes.count(operation.rawValue, Self.outcome(response.status))
            return response
        } catch {
            outcomes.count(operation.rawValue, error.reason)
            log.record(
                .upstreamFailed, nil,
                [
                    "operation": operation.rawValue, "host": Self.host(request.url), "reason": error.reason,
                    "detail": detail.text,
                ])
            throw error
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

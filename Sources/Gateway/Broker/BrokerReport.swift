import HTTP
import Marketplace

/// What the log says of one call.
struct BrokerReport: Sendable {
    let id: RequestID
    /// In nanoseconds of the clock that never steps.
    let began: UInt64
    var client = "unknown"
    var operation = "none"
    var integration: String?
    var installation: String?
    var member: String?

    init(_ id: RequestID, began: UInt64) {
        self.id = id
        self.began = began
    }
}

extension Broker {
    static func calls(_ metrics: Metrics) -> CrossedCounter {
        metrics.counter(
            "broker_calls_total", "Calls of partners' servers through the broker.", labels: ("operation", "outcome"),
            values: (
                APIOperation.partners.map(\.name) + ["none"], ["succeeded", "failed", "refused", "unavailable"]
            ))
    }

    /// Logs and counts an answer, and returns it. `isOwn`: not the marketplace's.
    func finish(_ response: HTTPResponse, outcome: String, isOwn: Bool, _ report: BrokerReport) -> HTTPResponse {
        let status = response.status.rawValue
        let milliseconds = (observability.clock.nanoseconds() - report.began) / 1_000_000
        let (integration, installation) = (report.integration ?? "", report.installation ?? "")
        if let member = report.member {
            observability.log.record(
                .marketplaceCalled, report.id,
                [
                    "client": report.client, "operation": report.operation, "integration": integration,
                    "installation": installation, "status": "\(status)", "milliseconds": "\(milliseconds)",
                    "outcome": outcome, "member": member,
                ])
        } else {
            observability.log.record(
                .marketplaceCalled, report.id,
                [
                    "client": report.client, "operation": report.operation, "integration": integration,
                    "installation": installation, "status": "\(status)", "milliseconds": "\(milliseconds)",
                    "outcome": outcome,
                ])
        }
        let kind =
            isOwn ? (status < 500 ? "refused" : "unavailable") : (status < 400 ? "succeeded" : "failed")
        calls.count(report.operation, kind)
        return response
    }
}

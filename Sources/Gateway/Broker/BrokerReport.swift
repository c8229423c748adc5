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

    func finish(_ refusal: BrokerRefusal, _ report: BrokerReport) -> HTTPResponse {
        let response = refusal.response(report.id)
        if refusal.isLogged { log(response, outcome: refusal.code, report) }
        if refusal.status.rawValue == 429 { observability.metrics.limitedRequests.count("broker") }
        calls.count(report.operation, response.status.rawValue < 500 ? "refused" : "unavailable")
        return response
    }

    func finish(answered response: HTTPResponse, _ report: BrokerReport) -> HTTPResponse {
        log(response, outcome: "answered", report)
        calls.count(report.operation, response.status.rawValue < 400 ? "succeeded" : "failed")
        return response
    }

    private func log(_ response: HTTPResponse, outcome: String, _ report: BrokerReport) {
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
    }
}

import HTTP
import JOSE
import Marketplace
import Untrusted

/// An answer of the broker's own, instead of the marketplace's.
struct BrokerRefusal: Error {
    static let header = "X-SSO-Broker"

    let status: HTTPStatus
    let code: String
    let message: String
    /// The field to blame, with status 422.
    var field: String?
    var isLogged = true
    var headers: HTTPHeaders = [:]

    init(_ status: Int, _ code: String, _ message: String, headers: HTTPHeaders = [:]) {
        self.status = HTTPStatus(rawValue: status)
        self.code = code
        self.message = message
        self.headers = headers
    }

    /// `wait` in seconds.
    init(_ status: Int, _ code: String, _ message: String, wait: Int64) {
        self.init(status, code, message, headers: ["Retry-After": "\(wait)"])
    }

    init(_ error: FieldError) {
        self.init(422, error.reason, error.description)
        field = error.path
    }

    /// No answer of the marketplace's. Whether the call took effect is what its sender has to know.
    init(_ error: HTTPClientError) {
        let fate = error.requestWasNeverWritten ? "The call was not sent." : "The call may have taken effect."
        switch error {
        case .timedOut: self.init(504, "timed_out", "The marketplace did not answer in time. \(fate)")
        case .tooLarge: self.init(502, "answer_too_large", "The marketplace's answer is too large. \(fate)")
        case .stopped: self.init(503, "stopping", "The gateway is stopping. \(fate)", wait: 1)
        // This answer reaches no client; the log has the status that nginx has for it.
        case .cancelled: self.init(499, "client_gone", "The client closed the connection. \(fate)")
        default: self.init(502, "unreachable", "The marketplace gave no answer. \(fate)")
        }
    }

    func response(_ id: RequestID) -> HTTPResponse {
        var error: JSONObject = ["code": .string(code), "message": .string(message)]
        if let field { error = ["code": .string(code), "message": .string(message), "field": .string(field)] }
        var response = JSONReply.ok(["error": .object(error), "request_id": .string(id.description)], status)
        response.headers.append(Self.header, "refused")
        for header in headers.fields { response.headers.append(header.name, header.value) }
        return response
    }
}

package import HTTP
import JOSE
package import Untrusted

/// Why an operation has no answer of its type. Sorted by what the caller can do; `Failure` has the marketplace's words.
package enum APIError: Error, Sendable, Equatable {
    /// Not sent: the call breaks a rule that is known here.
    case notSent(FieldError)
    /// No answer. Whether the request was acted on: `HTTPClientError.requestWasNeverWritten`.
    case noAnswer(HTTPClientError)
    /// 400 or 422: the marketplace does not accept the content.
    case invalid(Failure)
    /// 401: the token is not accepted.
    case unauthorized(Failure)
    /// 402: the payment failed.
    case paymentRequired(Failure)
    /// 403: the token may not do this, or the configuration is disabled (`Failure.isConfigurationDisabled`).
    case forbidden(Failure)
    case notFound(Failure)
    /// 409: it exists already, such as an `externalId`, or is in a state that does not allow this.
    case conflict(Failure)
    /// 410: the installation is gone.
    case gone(Failure)
    /// 426, at the other vendor's checkout: a larger plan is needed.
    case upgradeRequired(Failure)
    /// 429. In seconds, as `Retry-After` says.
    case rateLimited(retryAfter: Int?, Failure)
    /// Any 5xx.
    case server(Failure)
    /// A status that the operation does not have.
    case unexpected(Failure)
    /// The status of success with a body that is not the documented one.
    case badAnswer(FieldError)

    /// A stable word for logs and metrics.
    package var reason: String {
        switch self {
        case .notSent(let error): error.reason
        case .noAnswer(let error): error == .timedOut ? "timed_out" : "unreachable"
        case .invalid: "invalid"
        case .unauthorized: "unauthorized"
        case .paymentRequired: "payment_required"
        case .forbidden(let failure): failure.isConfigurationDisabled ? "configuration_disabled" : "forbidden"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .gone: "gone"
        case .upgradeRequired: "upgrade_required"
        case .rateLimited: "rate_limited"
        case .server: "server_error"
        case .unexpected: "unexpected_status"
        case .badAnswer: "bad_answer"
        }
    }

    /// What the marketplace says of a failure, in any of its three shapes: `{"error":{"code","message"}}` (REST),
    /// `{"error":"…"}` (OAuth), `{code,detail,type,errors}` (the other vendor's checkout).
    package struct Failure: Sendable, Equatable {
        package let status: Int
        package let code: UntrustedText?
        package let message: UntrustedText?
        /// Of the checkout alone.
        package let problems: [CheckoutProblem]

        package init(status: Int, code: UntrustedText? = nil, message: UntrustedText? = nil) {
            self.status = status
            self.code = code
            self.message = message
            problems = []
        }

        init(_ response: HTTPClientResponse) {
            status = response.status.rawValue
            let body = (try? JSONObject(parsing: response.body)) ?? [:]
            switch body["error"] {
            case .object(let error)?:
                code = error["code"]?.text
                message = error["message"]?.text
                problems = []
            case .string(let word)?:
                code = word
                message = body["error_description"]?.text
                problems = []
            default:
                code = body["type"]?.text
                message = body["detail"]?.text
                problems = body["errors"].flatMap { try? [CheckoutProblem]($0, at: .answer) } ?? []
            }
        }

        package var isConfigurationDisabled: Bool { code == "integration_configuration_disabled" }
    }

    /// The error that a status is; nil for the operation's success.
    init?(_ response: HTTPClientResponse, of operation: APIOperation) {
        guard response.status != operation.success else { return nil }
        let failure = Failure(response)
        self =
            switch failure.status {
            case 400, 422: .invalid(failure)
            case 401: .unauthorized(failure)
            case 402: .paymentRequired(failure)
            case 403: .forbidden(failure)
            case 404: .notFound(failure)
            case 409: .conflict(failure)
            case 410: .gone(failure)
            case 426: .upgradeRequired(failure)
            case 429: .rateLimited(retryAfter: response.headers["Retry-After"].flatMap { Int($0) }, failure)
            case 500...599: .server(failure)
            default: .unexpected(failure)
            }
    }
}

/// One finding of the other vendor's checkout about a request. The names of the list and of its location are not certain:
/// its documentation renders them away, so both are optional.
package struct CheckoutProblem: FieldObject {
    package var location: UntrustedText?
    package var message: UntrustedText?
    package var type: UntrustedText?
}

extension CheckoutProblem {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        location = try fields.optional("location")
        message = try fields.optional("message")
        type = try fields.optional("type")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("location", location)
        fields.put("message", message)
        fields.put("type", type)
    }
}

package import HTTP

/// Why a code gave no id_token, grouped by what the user can do.
package enum ExchangeFailure: Error, Sendable, Equatable {
    /// The marketplace does not accept the code: used, expired, of another client, or forged. `providerCode`: its error code.
    case codeRefused(status: Int, providerCode: String?)
    /// Wrong client id or secret, or a code of another integration: for the operator.
    case clientRefused(status: Int, providerCode: String?)
    case rateLimited
    /// No connection, or the request was not sent.
    case unreachable(HTTPClientError)
    /// No complete response in time; the code may be used.
    case timedOut
    /// An unusable response: a server error, a redirect, no JSON, no id_token.
    case nonsense(status: Int, NonsenseKind)
    case tokenMalformed(IDTokenRefusal)

    package enum NonsenseKind: String, Sendable, Equatable, CaseIterable {
        case serverError = "server_error", unexpectedStatus = "unexpected_status", notJSON = "not_json"
        case noToken = "no_id_token", tooLarge = "too_large", broken
    }

    init(_ error: HTTPClientError) {
        self =
            switch error {
            case .timedOut: .timedOut
            case .tooLarge: .nonsense(status: 0, .tooLarge)
            case .broken: .nonsense(status: 0, .broken)
            default: .unreachable(error)
            }
    }

    /// A stable word for logs and metrics.
    package var reason: String {
        switch self {
        case .codeRefused: "code_refused"
        case .clientRefused: "client_refused"
        case .rateLimited: "rate_limited"
        case .unreachable: "unreachable"
        case .timedOut: "timed_out"
        case .nonsense(_, let kind): kind.rawValue
        case .tokenMalformed(let refusal): refusal.reason
        }
    }
}

package import HTTP

/// Why no id_token came of a code, sorted by what the person in front of the browser can do about it.
package enum ExchangeFailure: Error, Sendable, Equatable {
    /// The marketplace does not accept this code: used, expired, foreign, or made up. `providerCode` is its own word.
    case codeRefused(status: Int, providerCode: String?)
    /// Wrong client id or secret, or a code of another integration: for the operator.
    case clientRefused(status: Int, providerCode: String?)
    case rateLimited
    /// Nobody answered, or the request never left.
    case unreachable(HTTPClientError)
    /// No whole answer in time; the code may be spent.
    case timedOut
    /// An answer that is none: a server error, a redirect, no JSON, no id_token.
    case nonsense(status: Int, NonsenseKind)
    case tokenMalformed(IDTokenRefusal)

    package enum NonsenseKind: String, Sendable, Equatable {
        case serverError = "server_error", unexpectedStatus = "unexpected_status", notJSON = "not_json"
        case noToken = "no_id_token", tooLarge = "too_large", broken
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

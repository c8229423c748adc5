import HTTP
import JOSE
package import SecretMemory
import Untrusted

/// An access token in a token endpoint's response (RFC 6749 section 5.1).
package struct GrantedToken: Sendable {
    package let token: SecretBytes
    /// In seconds; nil unless the response has a positive whole number.
    package let expiresIn: Int64?

    /// A longer token does not fit in a header. In bytes.
    package static let maximumLength = 4096

    /// Why there is no token. The reasons are stable, for logs.
    package enum Failure: Error, Sendable, Equatable {
        /// The client, its secret or its token is not accepted.
        case refused(status: Int)
        /// The installation is unknown or gone.
        case installationGone(status: Int)
        /// No usable response.
        case unavailable(String)

        package var reason: String {
            switch self {
            case .refused: "token_refused"
            case .installationGone: "installation_gone"
            case .unavailable(let word): word
            }
        }
    }

    init(_ response: HTTPClientResponse) throws(Failure) {
        let status = response.status.rawValue
        switch status {
        case 200: break
        case 404, 410: throw .installationGone(status: status)
        case 429: throw .unavailable("rate_limited")
        case 400...499: throw .refused(status: status)
        default: throw .unavailable("status")
        }
        guard let (answer, token) = try? JSONObject.parse(response.body, withholding: "access_token") else {
            throw .unavailable("not_json")
        }
        guard let token, Self.isUsable(token) else { throw .unavailable("no_token") }
        self.token = token
        expiresIn =
            switch answer["expires_in"] {
            case .integer(let seconds)? where seconds > 0: seconds
            default: nil
            }
    }

    /// Whether a token can be sent in a header unchanged.
    package static func isUsable(_ token: SecretBytes) -> Bool {
        (1...maximumLength).contains(token.count) && token.withSpan { ByteSet.visible.containsAll($0) }
    }

    static func failure(_ error: HTTPClientError) -> Failure {
        .unavailable(error == .timedOut ? "timed_out" : "unreachable")
    }
}

import HTTP
import JOSE
package import SecretMemory
import Untrusted

/// An access token as a token endpoint answers it (RFC 6749 section 5.1).
package struct GrantedToken: Sendable {
    package let token: SecretBytes
    /// In seconds; nil where the answer does not say, or says something that is no positive number.
    package let expiresIn: Int64?

    /// Longer ones do not fit a header. In bytes.
    package static let maximumLength = 4096

    /// Why there is no token, for logs: stable words.
    package enum Failure: Error, Sendable, Equatable {
        /// The client, its secret or the token that was shown is not accepted.
        case refused(status: Int)
        /// The installation is unknown or gone.
        case installationGone(status: Int)
        /// No answer that could be understood.
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

    /// Whether bytes can stand in a header as they are, which every access token has to.
    package static func isUsable(_ token: SecretBytes) -> Bool {
        (1...maximumLength).contains(token.count) && token.withSpan { ByteSet.visible.containsAll($0) }
    }

    static func failure(_ error: HTTPClientError) -> Failure {
        .unavailable(error == .timedOut ? "timed_out" : "unreachable")
    }
}

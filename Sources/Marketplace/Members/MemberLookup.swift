package import HTTP
import JOSE
package import SecretMemory

/// `GET /v1/installations/{id}/member/{memberId}`: is this person still a member, and with which role?
///
/// <https://vercel.com/docs/rest-api/marketplace/get-member-information>
package struct MemberLookup: Sendable {
    /// What the marketplace says. Only `removed` and `installationGone` end anybody's access.
    package enum Outcome: Sendable, Equatable {
        case member(MemberRole)
        case removed
        case installationGone
        /// Our installation token is refused or the configuration is disabled: says nothing about the person.
        case tokenRefused(status: Int)
        /// No answer that could be understood. The word is stable, for logs and metrics.
        case unavailable(String)
    }

    private let apiURL: String
    private let timeout: Duration
    private let client: RetryingLookup

    package init(apiURL: String, timeout: Duration = .seconds(3), client: any HTTPClient) {
        self.apiURL = apiURL
        self.timeout = timeout
        self.client = RetryingLookup(client)
    }

    package func member(_ userID: String, installation: String, token: SecretBytes) async -> Outcome {
        let path = "/v1/installations/\(PercentEncoding.encode(installation))/member/\(PercentEncoding.encode(userID))"
        let bearer = "Bearer " + (token.exposedText ?? "")
        let request = HTTPClientRequest(
            .get, apiURL + path, headers: ["Accept": "application/json", "Authorization": bearer], timeout: timeout)
        do {
            return Self.outcome(of: try await client.send(request), askedFor: userID)
        } catch {
            return .unavailable(error == .timedOut ? "timed_out" : "unreachable")
        }
    }

    private static func outcome(of response: HTTPClientResponse, askedFor userID: String) -> Outcome {
        switch response.status.rawValue {
        case 200: break
        case 404: return .removed
        case 410: return .installationGone
        case 401, 403: return .tokenRefused(status: response.status.rawValue)
        case 429: return .unavailable("rate_limited")
        default: return .unavailable("status")
        }
        guard let answer = try? JSONObject(parsing: response.body) else { return .unavailable("not_json") }
        guard case .string(userID)? = answer["id"] else { return .unavailable("other_member") }
        guard case .string(let role)? = answer["role"] else { return .unavailable("no_role") }
        // Not in this endpoint's documented roles, but in the webhook's: it can only mean one thing.
        if role == "NONE" { return .removed }
        return MemberRole(rawValue: role).map(Outcome.member) ?? .unavailable("unknown_role")
    }
}

package import HTTP
import JOSE
package import SecretMemory
import Untrusted

/// `GET /v1/installations/{id}/member/{memberId}`: the role of a member, or that it was removed.
///
/// <https://vercel.com/docs/rest-api/marketplace/get-member-information>
package struct MemberLookup: Sendable {
    /// Only `removed` and `installationGone` end a member's access.
    package enum Outcome: Sendable, Equatable {
        case member(MemberRole)
        case removed
        case installationGone
        /// The installation token is refused or the configuration is disabled. Says nothing about the member.
        case tokenRefused(status: Int)
        /// No usable response. The reason is stable, for logs and metrics.
        case unavailable(String)
    }

    private let request: InstallationRequest

    package init(apiURL: String, timeout: Duration = .seconds(3), client: any HTTPClient) {
        request = InstallationRequest(apiURL: apiURL, timeout: timeout, client: RetryingLookup(client))
    }

    package func member(_ userID: String, installation: String, token: SecretBytes) async -> Outcome {
        switch await request.send("/member/\(PercentEncoding.encode(userID))", of: installation, token: token) {
        case .found(let answer): Self.outcome(of: answer, requested: userID)
        case .absent(status: 410): .installationGone
        case .absent: .removed
        case .tokenRefused(let status): .tokenRefused(status: status)
        case .unavailable(let reason): .unavailable(reason)
        }
    }

    private static func outcome(of answer: JSONObject, requested userID: String) -> Outcome {
        guard answer["id"]?.isText(userID) == true else { return .unavailable("other_member") }
        guard let role = answer["role"]?.text else { return .unavailable("no_role") }
        // Not documented for this endpoint, but for the webhook: removed.
        if role == "NONE" { return .removed }
        return MemberRole(role).map(Outcome.member) ?? .unavailable("unknown_role")
    }
}

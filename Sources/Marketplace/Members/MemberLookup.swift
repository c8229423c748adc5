package import HTTP
import JOSE
package import SecretMemory
import Untrusted

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

    private let question: InstallationQuestion

    package init(apiURL: String, timeout: Duration = .seconds(3), client: any HTTPClient) {
        question = InstallationQuestion(apiURL: apiURL, timeout: timeout, client: RetryingLookup(client))
    }

    package func member(_ userID: String, installation: String, token: SecretBytes) async -> Outcome {
        switch await question.ask("/member/\(PercentEncoding.encode(userID))", of: installation, token: token) {
        case .told(let answer): Self.outcome(of: answer, askedFor: userID)
        case .absent(status: 410): .installationGone
        case .absent: .removed
        case .tokenRefused(let status): .tokenRefused(status: status)
        case .unavailable(let reason): .unavailable(reason)
        }
    }

    private static func outcome(of answer: JSONObject, askedFor userID: String) -> Outcome {
        guard answer["id"]?.isText(userID) == true else { return .unavailable("other_member") }
        guard let role = answer["role"]?.text else { return .unavailable("no_role") }
        // Not in this endpoint's documented roles, but in the webhook's: it can only mean one thing.
        if role == "NONE" { return .removed }
        return MemberRole(role).map(Outcome.member) ?? .unavailable("unknown_role")
    }
}

package import HTTP
package import SecretMemory

/// `GET /v1/installations/{id}/account`: what the team behind an installation is called.
///
/// The answer's `contact` is the marketplace's best guess at whom to write to about the team. It is not whoever is
/// signed in and it changes with the team, so nothing of it is read: it cannot become anybody's identity.
///
/// <https://vercel.com/docs/rest-api/marketplace/get-account-information>
package struct AccountLookup: Sendable {
    package enum Outcome: Sendable, Equatable {
        case account(AccountData)
        /// 404 or 410: no such installation any more.
        case gone
        /// Our installation token is refused or the configuration is disabled.
        case tokenRefused(status: Int)
        /// No answer that could be understood. The word is stable, for logs and metrics.
        case unavailable(String)
    }

    private let question: InstallationQuestion

    package init(apiURL: String, timeout: Duration = .seconds(3), client: any HTTPClient) {
        question = InstallationQuestion(apiURL: apiURL, timeout: timeout, client: RetryingLookup(client))
    }

    package func account(installation: String, token: SecretBytes) async -> Outcome {
        switch await question.ask("/account", of: installation, token: token) {
        case .told(let answer): .account(AccountData(answer))
        case .absent: .gone
        case .tokenRefused(let status): .tokenRefused(status: status)
        case .unavailable(let reason): .unavailable(reason)
        }
    }
}

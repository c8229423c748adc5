package import HTTP
package import SecretMemory

/// `GET /v1/installations/{id}/account`: the name and the page of the team of an installation.
///
/// The response's `contact` is an address for mail about the team, not the signed-in member. It is not read, so that it
/// cannot become an identity.
///
/// <https://vercel.com/docs/rest-api/marketplace/get-account-information>
package struct AccountLookup: Sendable {
    package enum Outcome: Sendable, Equatable {
        case account(AccountData)
        /// 404 or 410: no such installation any more.
        case gone
        /// The installation token is refused or the configuration is disabled.
        case tokenRefused(status: Int)
        /// No usable response. The reason is stable, for logs and metrics.
        case unavailable(String)
    }

    private let request: InstallationRequest

    package init(apiURL: String, timeout: Duration = .seconds(3), client: any HTTPClient) {
        request = InstallationRequest(apiURL: apiURL, timeout: timeout, client: RetryingLookup(client))
    }

    package func account(installation: String, token: SecretBytes) async -> Outcome {
        switch await request.send("/account", of: installation, token: token) {
        case .found(let answer): .account(AccountData(answer))
        case .absent: .gone
        case .tokenRefused(let status): .tokenRefused(status: status)
        case .unavailable(let reason): .unavailable(reason)
        }
    }
}

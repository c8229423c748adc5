package import HTTP
import JOSE
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

    private let apiURL: String
    private let timeout: Duration
    private let client: RetryingLookup

    package init(apiURL: String, timeout: Duration = .seconds(3), client: any HTTPClient) {
        self.apiURL = apiURL
        self.timeout = timeout
        self.client = RetryingLookup(client)
    }

    package func account(installation: String, token: SecretBytes) async -> Outcome {
        let bearer = "Bearer " + (token.exposedText ?? "")
        let request = HTTPClientRequest(
            .get, apiURL + "/v1/installations/\(PercentEncoding.encode(installation))/account",
            headers: ["Accept": "application/json", "Authorization": bearer], timeout: timeout)
        do {
            return Self.outcome(of: try await client.send(request))
        } catch {
            return .unavailable(error == .timedOut ? "timed_out" : "unreachable")
        }
    }

    private static func outcome(of response: HTTPClientResponse) -> Outcome {
        switch response.status.rawValue {
        case 200: break
        case 404, 410: return .gone
        case 401, 403: return .tokenRefused(status: response.status.rawValue)
        case 429: return .unavailable("rate_limited")
        default: return .unavailable("status")
        }
        guard let answer = try? JSONObject(parsing: response.body) else { return .unavailable("not_json") }
        return .account(AccountData(answer))
    }
}

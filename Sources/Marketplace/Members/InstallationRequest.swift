import HTTP
import JOSE
import SecretMemory
import Untrusted

/// A GET request below an installation's address, with the installation's token.
struct InstallationRequest: Sendable {
    enum Outcome: Sendable {
        case found(JSONObject)
        /// 404 or 410: there is no such thing, or not any more.
        case absent(status: Int)
        /// The installation token is refused or the configuration is disabled.
        case tokenRefused(status: Int)
        /// No usable response. The reason is stable, for logs and metrics.
        case unavailable(String)
    }

    let apiURL: String
    let timeout: Duration
    let client: RetryingLookup

    /// `path`: below the installation's address, with its slash.
    func send(_ path: String, of installation: String, token: SecretBytes) async -> Outcome {
        let bearer = "Bearer " + (token.exposedText?.string ?? "")
        let request = HTTPClientRequest(
            .get, apiURL + "/v1/installations/\(PercentEncoding.encode(installation))" + path,
            headers: ["Accept": "application/json", "Authorization": bearer], timeout: timeout)
        let response: HTTPClientResponse
        do { response = try await client.send(request) } catch {
            return .unavailable(error == .timedOut ? "timed_out" : "unreachable")
        }
        let status = response.status.rawValue
        switch status {
        case 200: return (try? JSONObject(parsing: response.body)).map(Outcome.found) ?? .unavailable("not_json")
        case 404, 410: return .absent(status: status)
        case 401, 403: return .tokenRefused(status: status)
        case 429: return .unavailable("rate_limited")
        default: return .unavailable("status")
        }
    }
}

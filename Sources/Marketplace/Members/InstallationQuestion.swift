import HTTP
import JOSE
import SecretMemory
import Untrusted

/// Asks the marketplace about an installation or somebody in it, with the installation's token; what one answer has in
/// common with all others is read here.
struct InstallationQuestion: Sendable {
    enum Answer: Sendable {
        case told(JSONObject)
        /// 404 or 410: what was asked about is not there, or not any more.
        case absent(status: Int)
        /// Our installation token is refused or the configuration is disabled.
        case tokenRefused(status: Int)
        /// No answer that could be understood. The word is stable, for logs and metrics.
        case unavailable(String)
    }

    let apiURL: String
    let timeout: Duration
    let client: RetryingLookup

    /// `path`: below the installation's own address, with its slash.
    func ask(_ path: String, of installation: String, token: SecretBytes) async -> Answer {
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
        case 200: return (try? JSONObject(parsing: response.body)).map(Answer.told) ?? .unavailable("not_json")
        case 404, 410: return .absent(status: status)
        case 401, 403: return .tokenRefused(status: status)
        case 429: return .unavailable("rate_limited")
        default: return .unavailable("status")
        }
    }
}

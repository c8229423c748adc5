package import HTTP
package import SecretMemory
import Untrusted

/// `POST /v1/installations/{id}/credentials/revoke`: retires a token while another one is live.
///
/// <https://vercel.com/docs/rest-api/marketplace>
package struct CredentialRevocation: Sendable {
    /// Why a token is not retired. Beside the reasons that a grant has, the marketplace keeps the last live one (409).
    package enum Failure: Error, Sendable, Equatable {
        case lastLiveToken
        case other(GrantedToken.Failure)

        package var reason: String {
            switch self {
            case .lastLiveToken: "last_live_token"
            case .other(let failure): failure.reason
            }
        }
    }

    private let apiURL: String
    private let clientID: String
    private let clientSecret: SecretBytes
    private let timeout: Duration
    private let client: any HTTPClient

    package init(
        apiURL: String, clientID: String, clientSecret: SecretBytes, timeout: Duration = .seconds(8),
        client: any HTTPClient
    ) {
        self.apiURL = apiURL
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.timeout = timeout
        self.client = client
    }

    /// `bearer` is another live token of the installation.
    package func revoke(
        _ token: SecretBytes, bearing bearer: SecretBytes, installation: String
    ) async throws(Failure) {
        var body = SecretBody(longest: clientID.utf8.count + clientSecret.count + token.count)
        body.putMember("token", token)
        body.putMember("client_id", SecretBytes(clientID))
        body.putMember("client_secret", clientSecret)
        body.endObject()
        let request = HTTPClientRequest(
            .post, apiURL + "/v1/installations/\(PercentEncoding.encode(installation))/credentials/revoke",
            headers: [
                "Content-Type": "application/json", "Accept": "application/json",
                "Authorization": "Bearer " + (bearer.exposedText?.string ?? ""),
            ], body: body.take(), timeout: timeout)
        let response: HTTPClientResponse
        do { response = try await client.send(request) } catch { throw .other(GrantedToken.failure(error)) }
        switch response.status.rawValue {
        // The status of success is not documented.
        case 200...204: return
        case 409: throw .lastLiveToken
        case 404, 410: throw .other(.installationGone(status: response.status.rawValue))
        case 429: throw .other(.unavailable("rate_limited"))
        case 400...499: throw .other(.refused(status: response.status.rawValue))
        default: throw .other(.unavailable("status"))
        }
    }
}

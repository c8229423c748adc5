import HTTP
import SecretMemory
import Untrusted

/// `POST /v1/installations/{id}/credentials/{action}`, which changes an installation's tokens with the client secret.
///
/// <https://vercel.com/docs/rest-api/marketplace>
struct CredentialCall: Sendable {
    let apiURL: String
    let clientID: String
    let clientSecret: SecretBytes
    let timeout: Duration
    let client: any HTTPClient

    /// `bearer`: a live token of the installation. `token`: the one to act on; nil for the bearer itself.
    func send(
        _ action: String, token: SecretBytes? = nil, bearing bearer: SecretBytes, installation: String
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        var body = SecretBody(longest: clientID.utf8.count + clientSecret.count + (token?.count ?? 0))
        if let token { body.putMember("token", token) }
        body.putMember("client_id", SecretBytes(clientID))
        body.putMember("client_secret", clientSecret)
        body.endObject()
        return try await client.send(
            HTTPClientRequest(
                .post, apiURL + "/v1/installations/\(PercentEncoding.encode(installation))/credentials/\(action)",
                headers: [
                    "Content-Type": "application/json", "Accept": "application/json",
                    "Authorization": "Bearer " + (bearer.exposedText?.string ?? ""),
                ], body: body.take(), timeout: timeout))
    }
}

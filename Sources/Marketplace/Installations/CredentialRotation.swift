package import HTTP
package import SecretMemory
import Untrusted

/// `POST /v1/installations/{id}/credentials/rotate`: a new access token for a live one. The old one stays valid until it is
/// revoked, so a lost response does no harm.
///
/// <https://vercel.com/docs/rest-api/marketplace>
package struct CredentialRotation: Sendable {
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

    package func rotate(_ token: SecretBytes, installation: String) async throws(GrantedToken.Failure) -> GrantedToken {
        var body = SecretBody(longest: clientID.utf8.count + clientSecret.count)
        body.putMember("client_id", SecretBytes(clientID))
        body.putMember("client_secret", clientSecret)
        body.endObject()
        let request = HTTPClientRequest(
            .post, apiURL + "/v1/installations/\(PercentEncoding.encode(installation))/credentials/rotate",
            headers: [
                "Content-Type": "application/json", "Accept": "application/json",
                "Authorization": "Bearer " + (token.exposedText?.string ?? ""),
            ], body: body.take(), timeout: timeout)
        let response: HTTPClientResponse
        do { response = try await client.send(request) } catch { throw GrantedToken.failure(error) }
        return try GrantedToken(response)
    }
}

package import HTTP
package import SecretMemory

/// `POST /v1/installations/{id}/credentials/rotate`: a new access token for a live one. The old one stays valid until it is
/// revoked, so a lost response does no harm.
///
/// <https://vercel.com/docs/rest-api/marketplace>
package struct CredentialRotation: Sendable {
    private let call: CredentialCall

    package init(
        apiURL: String, clientID: String, clientSecret: SecretBytes, timeout: Duration = .seconds(8),
        client: any HTTPClient
    ) {
        call = CredentialCall(
            apiURL: apiURL, clientID: clientID, clientSecret: clientSecret, timeout: timeout, client: client)
    }

    package func rotate(_ token: SecretBytes, installation: String) async throws(GrantedToken.Failure) -> GrantedToken {
        let response: HTTPClientResponse
        do { response = try await call.send("rotate", bearing: token, installation: installation) } catch {
            throw GrantedToken.failure(error)
        }
        return try GrantedToken(response)
    }
}

package import HTTP
import JOSE
package import SecretMemory
import Untrusted

/// Exchanges the code of a standard login for an id_token (OpenID Connect Core 1.0 section 3.1.3), without a retry: a code is
/// valid once.
package struct AuthorizationCodeExchange: Sendable {
    private let clientID: String
    private let clientSecret: SecretBytes
    private let redirectURI: String
    private let timeout: Duration
    private let client: any HTTPClient

    package init(
        clientID: String, clientSecret: SecretBytes, redirectURI: String, timeout: Duration = .seconds(8),
        client: any HTTPClient
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        self.timeout = timeout
        self.client = client
    }

    /// `metadata`: the issuer's.
    package func exchange(code: SecretBytes, verifier: CodeVerifier, at metadata: ProviderMetadata)
        async throws(ExchangeFailure) -> UnverifiedIDToken
    {
        var body = SecretBody(
            longest: code.count + redirectURI.utf8.count + verifier.text.count + clientID.utf8.count
                + clientSecret.count)
        body.putField("grant_type", SecretBytes("authorization_code"))
        body.putField("code", code)
        body.putField("redirect_uri", SecretBytes(redirectURI))
        body.putField("code_verifier", verifier.text)
        var headers: HTTPHeaders = [
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
        ]
        switch metadata.clientAuthentication {
        case .basic: headers.append("Authorization", "Basic " + credentials)
        case .post:
            body.putField("client_id", SecretBytes(clientID))
            body.putField("client_secret", clientSecret)
        }
        let request = HTTPClientRequest(
            .post, metadata.tokenEndpoint, headers: headers, body: body.take(), timeout: timeout)
        let response: HTTPClientResponse
        do { response = try await client.send(request) } catch { throw ExchangeFailure(error) }
        let token = try ExchangeResponse.idToken(in: response)
        do { return try UnverifiedIDToken(token) } catch { throw .tokenMalformed(error) }
    }

    /// Both are form-encoded before they are joined (RFC 6749 section 2.3.1). Base64 with padding (RFC 7617).
    private var credentials: String {
        let secret = PercentEncoding.encode(clientSecret.exposedText?.string ?? "")
        let letters = Base64URL.encode(Array("\(PercentEncoding.encode(clientID)):\(secret)".utf8))
        let padding = String(repeating: "=", count: (4 - letters.utf8.count % 4) % 4)
        return letters.replacing("-", with: "+").replacing("_", with: "/") + padding
    }
}

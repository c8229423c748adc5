package import HTTP
import JOSE
package import SecretMemory

/// `POST /v1/integrations/sso/token`: exchanges a code for an id_token, without a retry: a code is valid once.
///
/// <https://vercel.com/docs/rest-api/marketplace/sso-token-exchange>
package struct TokenExchange: Sendable {
    private let endpoint: String
    private let clientID: String
    private let clientSecret: SecretBytes
    private let timeout: Duration
    private let client: any HTTPClient

    package init(
        apiURL: String, clientID: String, clientSecret: SecretBytes, timeout: Duration = .seconds(8),
        client: any HTTPClient
    ) {
        endpoint = apiURL + "/v1/integrations/sso/token"
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.timeout = timeout
        self.client = client
    }

    /// `state`: unchanged from the callback; nil where it had none.
    package func exchange(code: SecretBytes, state: SecretBytes?) async throws(ExchangeFailure) -> UnverifiedIDToken {
        let request = HTTPClientRequest(
            .post, endpoint,
            headers: Self.headers,
            body: ExchangeRequestBody.encode(clientID: clientID, clientSecret: clientSecret, code: code, state: state),
            timeout: timeout)
        let response = try await send(request)
        let token = try ExchangeResponse.idToken(in: response)
        do { return try UnverifiedIDToken(token) } catch { throw .tokenMalformed(error) }
    }

    /// A new id_token for a refresh token, which only some integrations get from an exchange. Without a retry: a refresh
    /// token may be valid once.
    package func refresh(_ refreshToken: SecretBytes) async throws(ExchangeFailure) -> RefreshedTokens {
        let request = HTTPClientRequest(
            .post, endpoint, headers: Self.headers,
            body: ExchangeRequestBody.encode(
                clientID: clientID, clientSecret: clientSecret, refreshToken: refreshToken),
            timeout: timeout)
        return try ExchangeResponse.refreshed(try await send(request))
    }

    private func send(_ request: HTTPClientRequest) async throws(ExchangeFailure) -> HTTPClientResponse {
        do { return try await client.send(request) } catch { throw ExchangeFailure(error) }
    }

    private static let headers: HTTPHeaders = ["Content-Type": "application/json", "Accept": "application/json"]
}

package import HTTP
package import SecretMemory

/// A short-lived access token for one installation by the `client_credentials` grant (RFC 6749 section 4.4).
///
/// The marketplace has announced this grant without publishing its endpoint and parameters, so both are configuration.
package struct ClientCredentialsGrant: Sendable {
    /// Replaced by the installation's id in the values of extra parameters.
    package static let placeholder = "{installation_id}"

    private let url: String
    private let clientID: String
    private let clientSecret: SecretBytes
    private let parameters: [(name: String, value: String)]
    private let timeout: Duration
    private let client: any HTTPClient

    package init(
        url: String, clientID: String, clientSecret: SecretBytes, parameters: [(name: String, value: String)],
        timeout: Duration = .seconds(8), client: any HTTPClient
    ) {
        self.url = url
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.parameters = parameters
        self.timeout = timeout
        self.client = client
    }

    package func token(installation: String) async throws(GrantedToken.Failure) -> GrantedToken {
        let filled = parameters.map { ($0.name, $0.value.replacing(Self.placeholder, with: installation)) }
        let length = filled.reduce(clientID.utf8.count + clientSecret.count) {
            $0 + $1.0.utf8.count + $1.1.utf8.count
        }
        var body = SecretBody(longest: length)
        body.putField("grant_type", SecretBytes("client_credentials"))
        body.putField("client_id", SecretBytes(clientID))
        body.putField("client_secret", clientSecret)
        for (name, value) in filled { body.putField(name, SecretBytes(value)) }
        let request = HTTPClientRequest(
            .post, url,
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: body.take(), timeout: timeout)
        let response: HTTPClientResponse
        do { response = try await client.send(request) } catch { throw GrantedToken.failure(error) }
        return try GrantedToken(response)
    }
}

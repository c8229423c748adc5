package import HTTP
package import JOSE
package import Untrusted

/// Fetches the issuer's key set.
package struct KeySetSource: Sendable {
    let url: String
    let client: any HTTPClient
    let algorithms: Set<SignatureAlgorithm>
    let timeout: Duration

    package init(url: String, client: any HTTPClient, algorithms: Set<SignatureAlgorithm>, timeout: Duration) {
        self.url = url
        self.client = client
        self.algorithms = algorithms
        self.timeout = timeout
    }

    /// The set and its `Cache-Control`.
    package func fetch() async -> Result<(JWKSet, UntrustedText?), KeySetCache.Unavailable> {
        let request = HTTPClientRequest(.get, url, headers: ["Accept": "application/json"], timeout: timeout)
        let response: HTTPClientResponse
        do { response = try await client.send(request) } catch { return .failure(.client(error)) }
        guard response.status == .ok else { return .failure(.status(response.status.rawValue)) }
        let set: JWKSet
        do { set = try JWKSet(parsing: response.body) } catch { return .failure(.unusable(error)) }
        guard set.canVerify(anyOf: algorithms) else { return .failure(.noUsableKey) }
        return .success((set, response.headers["Cache-Control"].map { UntrustedText($0) }))
    }
}

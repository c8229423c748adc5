import HTTP
import JOSE
import Untrusted

/// Fetches the issuer's key set.
struct KeySetSource: Sendable {
    let url: String
    let client: any HTTPClient
    let algorithms: Set<SignatureAlgorithm>
    let timeout: Duration

    /// The set and its `Cache-Control`.
    func fetch() async -> Result<(JWKSet, UntrustedText?), KeySetCache.Unavailable> {
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

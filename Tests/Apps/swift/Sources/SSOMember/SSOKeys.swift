import Crypto
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The gateway's public keys by id. They are fetched when they are `keep` seconds old and for an unknown id, but not again
/// within `pause` seconds, so that forged ids cause no load. Without an answer the old keys stay in use.
public actor SSOKeys {
    private let url: URL
    private let pause, keep: Double
    private var keys: [String: P256.Signing.PublicKey]?
    private var fetched = -Double.infinity
    private var tried = -Double.infinity
    private var fetching: Task<Void, Never>?

    /// `url`: the gateway's own `/.well-known/jwks.json`.
    public init(_ url: URL, pause: Double = 10, keep: Double = 300) {
        self.url = url
        self.pause = pause
        self.keep = keep
    }

    func find(_ id: String) async throws(SSORefusal) -> P256.Signing.PublicKey {
        let now = ProcessInfo.processInfo.systemUptime
        if keys?[id] == nil || now - fetched > keep, now - tried > pause {
            tried = now
            fetching = Task { await self.fetch(now) }
        }
        await fetching?.value
        guard let keys else { throw .noKeys }
        guard let key = keys[id] else { throw .unknownKey }
        return key
    }

    private struct KeySet: Decodable {
        struct Key: Decodable {
            let kid, kty: String
            let crv, x, y: String?
        }
        let keys: [Key]
    }

    private func fetch(_ now: Double) async {
        do {
            let settings = URLSessionConfiguration.ephemeral
            settings.timeoutIntervalForRequest = 3
            let (body, answer) = try await URLSession(configuration: settings).data(from: url)
            guard (answer as? HTTPURLResponse)?.statusCode == 200 else { throw URLError(.badServerResponse) }
            let found = try JSONDecoder().decode(KeySet.self, from: body).keys.filter { $0.crv == "P-256" }
            keys = try Dictionary(
                uniqueKeysWithValues: found.map { key in
                    let point = SSOCheck.decode((key.x ?? "").utf8) + SSOCheck.decode((key.y ?? "").utf8)
                    return (key.kid, try P256.Signing.PublicKey(rawRepresentation: point))
                })
            fetched = now
        } catch {
            FileHandle.standardError.write(Data("sso: no keys from \(url): \(error)\n".utf8))
        }
    }
}

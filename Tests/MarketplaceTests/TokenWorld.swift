import JOSE
import SecretMemory
import Untrusted

@testable import Marketplace

/// An issuer with a few keys and a partner who verifies its tokens.
struct TokenWorld {
    static let now: Int64 = 1_800_000_000
    static let issuer = "https://marketplace.example.test"
    /// Quick to make and to sign with.
    static let keys = (0..<4).map { _ in SigningKey.generate(for: .es256) }

    let endpoint = KeyEndpoint()
    let cache: KeySetCache
    let verifier: IDTokenVerifier

    /// Unless a test brings a `sleep` of its own, nothing is fetched without being asked for.
    init(
        algorithms: Set<SignatureAlgorithm> = [.es256], refreshPercent: Int64 = 80,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { _ in throw CancellationError() }
    ) {
        cache = KeySetCache(
            url: "https://keys.example.test", client: endpoint, algorithms: algorithms, jitter: { refreshPercent },
            sleep: sleep)
        verifier = IDTokenVerifier(
            rules: IDTokenRules(issuer: Self.issuer, audience: "oac_Own", algorithms: algorithms), keys: cache)
    }

    /// Key ids are `k0`, `k1` and so on.
    static func published(_ numbers: [Int]) -> [JSONObject] {
        numbers.map { SignJWS.publicJWK(keys[$0], keyID: "k\($0)", for: .es256) }
    }

    static let claims: [(name: UntrustedText, value: JSONValue)] = [
        ("iss", .string(issuer)), ("aud", .string("oac_Own")), ("sub", .string("account:feed01:user:0123ab")),
        ("account_id", .string("feed01")), ("installation_id", .string("icfg_1")), ("user_id", .string("0123ab")),
        ("user_role", .string("ADMIN")), ("iat", .integer(now)), ("exp", .integer(now + 1_000_000)),
    ]

    static func payload(_ changes: JSONObject = [:], without removed: [UntrustedText] = []) -> JSONObject {
        let names = changes.members.map(\.name) + removed
        return JSONObject(claims.filter { !names.contains($0.name) } + changes.members)
    }

    static func token(_ key: Int, _ payload: JSONObject = payload()) throws -> UnverifiedIDToken {
        try UnverifiedIDToken(SignJWS.compact(payload: payload, keyID: "k\(key)", with: keys[key], by: .es256))
    }

    /// Well formed, and by a key that nobody has.
    static func stray(_ keyID: String) throws -> UnverifiedIDToken {
        let header: JSONObject = ["alg": .string("ES256"), "kid": .string(keyID)]
        return try UnverifiedIDToken(SecretBytes("\(Base64URL.encode(header.encoded)).e30.c2ln"))
    }

    /// In one word what came of it: `valid`, the refusal's reason, or `unavailable`.
    func judge(_ token: UnverifiedIDToken, now: Int64 = now) async -> String {
        do {
            _ = try await verifier.verify(token, now: now)
            return "valid"
        } catch {
            switch error {
            case .refused(let refusal): return refusal.reason
            case .keysUnavailable: return "unavailable"
            }
        }
    }

    /// What came of a token that a request brought.
    func judgeCall(_ token: UnverifiedIDToken, now: Int64 = now) async -> String {
        do {
            _ = try await verifier.verify(token, as: .user, now: now)
            return "valid"
        } catch {
            switch error {
            case .refused(let refusal): return refusal.reason
            case .keysUnavailable: return "unavailable"
            }
        }
    }

    /// The same of many at once, counted.
    func judge(_ tokens: [UnverifiedIDToken], now: Int64 = now) async -> [String: Int] {
        await withTaskGroup(of: String.self) { group in
            for token in tokens { group.addTask { await judge(token, now: now) } }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }
}

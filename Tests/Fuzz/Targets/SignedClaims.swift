import JOSE
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// Claims get to the rules only under a signature that holds; so every input is signed first, by ES256, the quickest.
struct SignedClaims: Sendable {
    static let shared = SignedClaims()
    static let now: Int64 = 1_800_000_000

    private let pair = SigningKey.generate(for: .es256)
    private let set: JWKSet
    private let rules = IDTokenRules(
        issuer: "https://marketplace.example.test", audience: "oac_Own", algorithms: [.es256])

    private init() {
        let keys = SignJWS.keySet([SignJWS.publicJWK(pair, keyID: "k1", for: .es256)])
        guard let set = try? JWKSet(parsing: SecretBytes(keys.encoded)) else { preconditionFailure("own key") }
        self.set = set
    }

    func check(_ payload: [UInt8]) {
        let header: JSONObject = ["alg": .string("ES256"), "kid": .string("k1")]
        let compact = SignJWS.compact(header: header, payload: payload, with: pair, by: .es256)
        guard let jws = try? UnverifiedJWS(compact) else {
            precondition(compact.count > UnverifiedJWS.maximumCount)
            return
        }
        guard let verified = try? set.verify(jws, algorithms: [.es256]) else { preconditionFailure("own signature") }
        precondition(verified.payload.exposedBytes == payload)
        let token: IDToken
        do { token = try rules.check(verified, now: Self.now) } catch {
            precondition(!error.reason.isEmpty)
            return
        }
        precondition(token.expiresAt > Self.now - rules.clockSkew)
        for identifier in [token.accountID, token.installationID, token.userID] {
            precondition(MarketplaceIdentifier.read(UntrustedText(identifier)) == identifier)
        }
        guard let claims = try? JSONObject(parsing: payload) else { preconditionFailure("accepted, yet no object") }
        precondition(claims["iss"]?.isText(rules.issuer) == true)
        precondition(claims["type"] == nil || claims["type"] == .null || claims["type"]?.isText("id_token") == true)
        precondition(claims["user_role"]?.isText(token.role.rawValue) == true)
    }
}

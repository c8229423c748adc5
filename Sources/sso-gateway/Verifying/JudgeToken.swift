import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// The login's own checks with a key set at hand: form, signature, claims. Without `rules` the claims do not count.
struct JudgeToken {
    let keys: JWKSet
    let algorithms: Set<SignatureAlgorithm>
    let rules: IDTokenRules?
    /// In seconds since 1970.
    let now: Int64

    func judge(_ token: SecretBytes) -> TokenVerdict {
        let explain = ExplainRefusal(keys: keys, algorithms: algorithms, rules: rules, now: now)
        let jws: UnverifiedJWS
        do { jws = try UnverifiedJWS(token) } catch { return explain(error) }
        let verified: VerifiedJWS
        do { verified = try keys.verify(jws, algorithms: algorithms) } catch { return explain(error, jws) }
        let claims: JSONObject?
        do { claims = try JSONObject(parsing: verified.payload) } catch {
            guard rules == nil else { return explain(claims: error) }
            claims = nil
        }
        if let rules, let claims {
            do { _ = try rules.check(verified, now: now) } catch { return explain(error, claims) }
        }
        return .valid(
            claims: claims.map(JSONValue.object) ?? .null, algorithm: verified.algorithm, keyID: verified.keyID?.string,
            notes: rules == nil ? [] : claims.map(Self.notes) ?? [])
    }

    /// What the marketplace does not promise, yet everybody expects.
    private static func notes(_ claims: JSONObject) -> [String] {
        guard let parts = claims["sub"]?.text?.split(at: ":"), parts.count == 4 else { return [] }
        var notes: [String] = []
        for (claim, part) in [("account_id", parts[1]), ("user_id", parts[3])] as [(UntrustedText, UntrustedText)]
        where claims[claim] != .string(part) {
            notes.append("\(claim) is not the one in sub; a login goes by \(claim).")
        }
        return notes
    }
}

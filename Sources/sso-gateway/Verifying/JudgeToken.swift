import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// The checks of a login: form, signature and claims. Without `rules` the claims are not checked.
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

    /// Differences from what an app may expect, though the marketplace does not promise it.
    private static func notes(_ claims: JSONObject) -> [String] {
        guard let parts = claims["sub"]?.text?.split(at: ":"), parts.count == 4 else { return [] }
        var notes: [String] = []
        for (claim, part) in [("account_id", parts[1]), ("user_id", parts[3])] as [(UntrustedText, UntrustedText)]
        where claims[claim] != .string(part) {
            notes.append("\(claim) differs from the one in sub; a login uses \(claim).")
        }
        return notes
    }
}

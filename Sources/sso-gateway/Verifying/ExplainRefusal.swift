import JOSE
import Marketplace
import Untrusted

/// Explains a refusal: its reason as a word and as a message, and the usual place of its cause.
struct ExplainRefusal {
    let keys: JWKSet
    let algorithms: Set<SignatureAlgorithm>
    let rules: IDTokenRules?
    let now: Int64

    // MARK: Form

    func callAsFunction(_ refusal: JWSRefusal) -> TokenVerdict {
        let lookAt =
            switch refusal {
            case .tooLarge: "What issues the token: an id_token has about a thousand bytes."
            case .partCount, .emptyPart:
                "How the token was copied: it is three parts with two dots between, without quotes or \"Bearer\"."
            case .headerNotBase64URL, .payloadNotBase64URL, .signatureNotBase64URL:
                "How the token was copied: line breaks, blanks, padding (=) and + or / are not part of it."
            case .header, .algorithmMissing, .keyIDMalformed, .extensionNotSupported:
                "The first part of the token, decoded: `cut -d. -f1 | basenc --base64url -d`."
            }
        return .refused(refusal.reason, "\(refusal)", lookAt: lookAt)
    }

    // MARK: Signature

    func callAsFunction(_ refusal: SignatureRefusal, _ jws: UnverifiedJWS) -> TokenVerdict {
        switch refusal {
        case .algorithmNotAllowed:
            .refused(
                refusal.reason, "\(refusal)",
                lookAt: "alg in the token's header; allowed here: \(AlgorithmList(names: algorithms)) (--algorithms).")
        case .unknownKey:
            .refused(
                refusal.reason, "No usable key of the set fits the token: \(Self.presented(jws)).",
                lookAt: "The key set: \(keyList). Is it the issuer's, and is it today's?")
        case .keyMismatch:
            .refused(
                refusal.reason, "\(refusal)",
                lookAt: "\(Self.presented(jws)) in the token's header beside kty, crv and alg of that key in the set.")
        case .ambiguousKey:
            .refused(
                refusal.reason, "\(refusal)",
                lookAt: "kid in the token's header, and the keys of that id in the set: \(keyList).")
        case .badSignature:
            .refused(
                refusal.reason, "\(refusal)",
                lookAt: "Whether the token was changed on its way, and whether the key set is its issuer's: the key "
                    + "named \(Self.presented(jws)) did not make this signature.")
        }
    }

    private static func presented(_ jws: UnverifiedJWS) -> String {
        "kid \(jws.keyID.map(Self.quoted) ?? "(none)"), alg \(Self.quoted(jws.algorithm))"
    }

    /// The set's first 20 entries. A skipped one has its reason.
    private var keyList: String {
        let usable = keys.keys.map { "\($0.keyID.map(Self.quoted) ?? "a key without kid")" }
        let skipped = keys.skipped.map { key in
            "\(key.keyID.map(Self.quoted) ?? "entry \(key.index)") is skipped (\(key.reason.reason))"
        }
        let all = (usable + skipped).prefix(20)
        return all.isEmpty ? "it has no key" : all.joined(separator: ", ")
    }

    // MARK: Claims

    func callAsFunction(claims refusal: JSONRefusal) -> TokenVerdict {
        .refused(
            "claims_not_json", "The signature is valid, but the claims are not acceptable. \(refusal)",
            lookAt: "The second part of the token, decoded; --signature-only takes any payload.")
    }

    func callAsFunction(_ refusal: IDTokenRefusal, _ claims: JSONObject) -> TokenVerdict {
        let (message, lookAt) = self.claims(refusal, claims)
        return .refused(refusal.reason, message, lookAt: lookAt)
    }

    /// At most 64 characters of a presented value, escaped.
    static func quoted(_ text: UntrustedText) -> String {
        let scalars = text.string.unicodeScalars
        let shown = String(String.UnicodeScalarView(scalars.prefix(64))).debugDescription
        return scalars.count <= 64 ? shown : shown + "…"
    }
}

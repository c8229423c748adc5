package import Untrusted

/// A signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1) that this gateway can check. `none` and the HMAC
/// family are not here and never will be: a key set holds public keys.
package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-2.
    case rs256 = "RS256", rs384 = "RS384", rs512 = "RS512"
    /// RSASSA-PSS with SHA-2 and MGF1 of the same hash.
    case ps256 = "PS256", ps384 = "PS384", ps512 = "PS512"
    /// ECDSA on P-256, P-384, P-521, each with its own hash.
    case es256 = "ES256", es384 = "ES384", es512 = "ES512"
    /// With Ed25519 and no other curve.
    case eddsa = "EdDSA"

    /// The registered name, as `alg` has it.
    package var name: String { rawValue }

    /// The algorithm of exactly this name, compared byte by byte.
    package init?(name: UntrustedText) {
        guard let found = Self.allCases.first(where: { name.equals($0.name) }) else { return nil }
        self = found
    }
}

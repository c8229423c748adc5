import OpenSSLCrypto
package import Untrusted

/// A supported signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1). `none` and the HMAC family must never be
/// added: with them a public key would be enough to make a token.
package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-2.
    case rs256 = "RS256", rs384 = "RS384", rs512 = "RS512"
    /// RSASSA-PSS with SHA-2 and MGF1 of the same hash.
    case ps256 = "PS256", ps384 = "PS384", ps512 = "PS512"
    /// ECDSA on P-256, P-384, P-521, each with its own hash.
    case es256 = "ES256", es384 = "ES384", es512 = "ES512"
    /// With Ed25519 and no other curve.
    case eddsa = "EdDSA"

    /// The registered name, for `alg`.
    package var name: String { rawValue }

    /// The algorithm of exactly this name, compared byte by byte.
    package init?(name: UntrustedText) {
        guard let found = Self.allCases.first(where: { name.equals($0.name) }) else { return nil }
        self = found
    }
}

/// The parts of an algorithm.
enum SignatureScheme: Sendable {
    case rsa(SignatureDigest, RSAPadding)
    /// With the hash of the curve.
    case ecdsa(EllipticCurve)
    case ed25519

    init(_ algorithm: SignatureAlgorithm) {
        self =
            switch algorithm {
            case .rs256: .rsa(.sha256, .pkcs1)
            case .rs384: .rsa(.sha384, .pkcs1)
            case .rs512: .rsa(.sha512, .pkcs1)
            case .ps256: .rsa(.sha256, .pss)
            case .ps384: .rsa(.sha384, .pss)
            case .ps512: .rsa(.sha512, .pss)
            case .es256: .ecdsa(.p256)
            case .es384: .ecdsa(.p384)
            case .es512: .ecdsa(.p521)
            case .eddsa: .ed25519
            }
    }
}

extension EllipticCurve {
    /// The registered name, for `crv` (RFC 7518 section 6.2.1.1).
    var name: String {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }
}

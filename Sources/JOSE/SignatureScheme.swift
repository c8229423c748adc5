import OpenSSLCrypto

/// What an algorithm's name means to a key.
enum SignatureScheme: Sendable {
    case rsa(SignatureDigest, RSAPadding)
    /// The curve brings its hash along.
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
    /// Its registered name, as `crv` has it (RFC 7518 section 6.2.1.1).
    var name: String {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }
}

package import OpenSSLCrypto
import Untrusted

/// A key pair of any kind that signs.
package enum SigningKey: Sendable {
    case rsa(RSAPrivateKey)
    case ec(ECPrivateKey)
    case ed25519(Ed25519PrivateKey)

    /// A new pair for `algorithm`; RSA with 2048 bits, which takes about 0.1 s.
    package static func generate(for algorithm: SignatureAlgorithm) -> SigningKey {
        switch SignatureScheme(algorithm) {
        case .rsa: .rsa(.generate(bits: 2048))
        case .ecdsa(let curve): .ec(.generate(curve))
        case .ed25519: .ed25519(.generate())
        }
    }

    /// The signature in JOSE's form. The key must have the algorithm's type.
    package func sign(_ message: [UInt8], by algorithm: SignatureAlgorithm) -> [UInt8] {
        switch (self, SignatureScheme(algorithm)) {
        case (.rsa(let key), .rsa(let digest, let padding)):
            return key.sign(message, using: digest, padding: padding)
        case (.ec(let key), .ecdsa(let curve)) where key.curve == curve: return key.sign(message)
        case (.ed25519(let key), .ed25519): return key.sign(message)
        default: preconditionFailure("A key of another kind cannot sign by \(algorithm.name).")
        }
    }

    /// The public half as `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    package var publicPEM: String {
        switch self {
        case .rsa(let key): key.publicPEM
        case .ec(let key): key.publicPEM
        case .ed25519(let key): key.publicPEM
        }
    }

    /// The key type, `kty` of a JWK (RFC 7518 section 6.1, RFC 8037 section 2).
    var type: String {
        switch self {
        case .rsa: "RSA"
        case .ec: "EC"
        case .ed25519: "OKP"
        }
    }

    /// The members of a JWK for the public half (RFC 7518 sections 6.2.1 and 6.3.1, RFC 8037 section 2).
    var publicNumbers: [(name: UntrustedText, value: JSONValue)] {
        func text(_ bytes: [UInt8]) -> JSONValue { .string(Base64URL.encode(bytes)) }
        return switch self {
        case .rsa(let key): [("n", text(key.modulus)), ("e", text(key.exponent))]
        case .ec(let key): [("crv", .string(key.curve.name)), ("x", text(key.x)), ("y", text(key.y))]
        case .ed25519(let key): [("crv", .string("Ed25519")), ("x", text(key.publicBytes))]
        }
    }
}

package import OpenSSLCrypto
import SecretMemory

/// A public key, by its type (`kty`).
package enum VerificationKey: Sendable {
    case rsa(RSAPublicKey)
    case ec(ECPublicKey)
    case ed25519(Ed25519PublicKey)

    /// Whether a key of this type and curve can check `algorithm`.
    func suits(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (self, SignatureScheme(algorithm)) {
        case (.rsa, .rsa), (.ed25519, .ed25519): true
        case (.ec(let key), .ecdsa(let curve)): key.curve == curve
        default: false
        }
    }

    func isValidSignature(
        _ signature: SecretBytes, over message: SecretBytes, by algorithm: SignatureAlgorithm
    ) -> Bool {
        switch (self, SignatureScheme(algorithm)) {
        case (.rsa(let key), .rsa(let digest, let padding)):
            key.isValidSignature(signature, over: message, using: digest, padding: padding)
        case (.ec(let key), .ecdsa(let curve)):
            key.curve == curve && key.isValidSignature(signature, over: message)
        case (.ed25519(let key), .ed25519): key.isValidSignature(signature, over: message)
        default: false
        }
    }
}

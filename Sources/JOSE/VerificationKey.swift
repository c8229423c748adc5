package import OpenSSLCrypto
import SecretMemory

/// The public half of a key pair, by its kind (`kty`).
package enum VerificationKey: Sendable {
    case rsa(RSAPublicKey)

    /// Whether a key of this kind can check `algorithm` at all.
    func suits(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.rsa, .rs256): true
        }
    }

    func isValidSignature(_ signature: [UInt8], over message: SecretBytes, by algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.rsa(let key), .rs256): key.isValidSignature(signature, over: message, using: .sha256)
        }
    }
}

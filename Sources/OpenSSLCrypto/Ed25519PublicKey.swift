internal import COpenSSL
package import SecretMemory

/// An Edwards-curve key that checks Ed25519 signatures (RFC 8032).
package final class Ed25519PublicKey: Sendable {
    /// The length of a key. In bytes.
    package static let count = 32
    /// The length of a signature. In bytes.
    package static let signatureCount = 64

    private let key: PublicKeyHandle

    package init(_ bytes: [UInt8]) throws(KeyRefusal) {
        guard bytes.count == Self.count else { throw .length(bytes: bytes.count, needed: Self.count) }
        guard
            let key = unsafe PublicKeyHandle(
                owning: EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count))
        else { throw .notAccepted }
        self.key = key
    }

    /// Whether this key made `signature` over `message`. The signature must have 64 bytes.
    package func isValidSignature(_ signature: SecretBytes, over message: SecretBytes) -> Bool {
        guard signature.count == Self.signatureCount else { return false }
        // Ed25519 hashes internally, and its context can check only one signature.
        guard let context = unsafe EVP_MD_CTX_new() else { fatalError("OpenSSL failed in EVP_MD_CTX_new.") }
        defer { unsafe EVP_MD_CTX_free(context) }
        unsafe require(EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer), "EVP_DigestVerifyInit")
        let verdict = unsafe signature.withUnsafeBytes { signature in
            unsafe message.withUnsafeBytes { message in
                let signature = unsafe signature.assumingMemoryBound(to: UInt8.self)
                let message = unsafe message.assumingMemoryBound(to: UInt8.self)
                return unsafe EVP_DigestVerify(
                    context, signature.baseAddress, signature.count, message.baseAddress, message.count)
            }
        }
        if verdict == 1 { return true }
        drainErrorQueue()
        return false
    }

    /// For bytes that are not secret.
    package func isValidSignature(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        isValidSignature(SecretBytes(signature), over: SecretBytes(message))
    }
}

internal import COpenSSL
package import SecretMemory

/// An RSA key that checks signatures.
///
/// `@unchecked Sendable`: the key is written in `init` alone, OpenSSL guards what it caches inside, and each thread
/// borrows a context of its own.
@safe package final class RSAPublicKey: @unchecked Sendable {
    /// Accepted sizes of the modulus.
    package static let acceptedBits = 2048...8192

    /// The size of the modulus.
    package let bits: Int

    private let key: OpaquePointer
    private let contexts: [RSADigest: ContextPool]

    /// Takes both numbers as big-endian bytes (RFC 7518 section 6.3.1); leading zeros do not count.
    package init(modulus: [UInt8], exponent: [UInt8]) throws(KeyRefusal) {
        let bits = Self.bitWidth(modulus)
        guard bits >= Self.acceptedBits.lowerBound else { throw .modulusTooSmall(bits: bits) }
        guard bits <= Self.acceptedBits.upperBound else { throw .modulusTooLarge(bits: bits) }
        guard modulus.last! & 1 == 1 else { throw .modulusEven }
        let exponentBits = Self.bitWidth(exponent)
        guard exponentBits >= 2 else { throw .exponentTooSmall }
        guard exponentBits <= 64 else { throw .exponentTooLarge(bits: exponentBits) }
        guard exponent.last! & 1 == 1 else { throw .exponentEven }
        guard
            let key = unsafe gateway_rsa_public_key(modulus, Int32(modulus.count), exponent, Int32(exponent.count))
        else {
            drainErrorQueue()
            throw .notAccepted
        }
        self.bits = bits
        unsafe self.key = key
        let owned = unsafe BorrowedKey(pointer: key)
        contexts = Dictionary(
            uniqueKeysWithValues: RSADigest.allCases.map { ($0, Self.contexts(checking: owned, $0)) })
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// Whether this key made `signature` over `message` by RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2). The signature
    /// must be exactly as long as the modulus.
    package func isValidSignature(
        _ signature: [UInt8], over message: SecretBytes, using digest: RSADigest
    ) -> Bool {
        unsafe message.withUnsafeBytes { unsafe isValidSignature(signature, over: $0, using: digest) }
    }

    /// The same over bytes that are not secret.
    package func isValidSignature(_ signature: [UInt8], over message: [UInt8], using digest: RSADigest) -> Bool {
        unsafe message.withUnsafeBytes { unsafe isValidSignature(signature, over: $0, using: digest) }
    }

    private func isValidSignature(
        _ signature: [UInt8], over message: UnsafeRawBufferPointer, using digest: RSADigest
    ) -> Bool {
        guard signature.count == (bits + 7) / 8 else { return false }
        let hash = unsafe digest.hash(message)
        let verdict = unsafe contexts[digest]?.withContext { context in
            unsafe EVP_PKEY_verify(context, signature, signature.count, hash, hash.count)
        }
        if verdict == 1 { return true }
        drainErrorQueue()
        return false
    }

    private static func bitWidth(_ number: [UInt8]) -> Int {
        guard let first = number.firstIndex(where: { $0 != 0 }) else { return 0 }
        return (number.count - first) * 8 - number[first].leadingZeroBitCount
    }

    /// `@unchecked Sendable`: what a context does with the key, OpenSSL guards; the context holds a reference of its own.
    @safe private struct BorrowedKey: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static func contexts(checking key: BorrowedKey, _ digest: RSADigest) -> ContextPool {
        unsafe ContextPool(
            make: {
                guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil) else { return nil }
                if unsafe EVP_PKEY_verify_init(context) == 1
                    && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
                    && EVP_PKEY_CTX_set_signature_md(context, digest.algorithm.pointer) == 1
                {
                    return unsafe context
                }
                unsafe EVP_PKEY_CTX_free(context)
                return nil
            },
            free: { unsafe EVP_PKEY_CTX_free($0) })
    }
}

internal import COpenSSL
package import SecretMemory

/// A key on the curve P-256 that signs: the gateway's own, for what it tells the app.
///
/// `@unchecked Sendable`: the key is written in `init` alone and OpenSSL guards what it caches inside; each thread
/// borrows a context of its own.
@safe package final class P256PrivateKey: @unchecked Sendable {
    /// Of the private number and of each coordinate. In bytes.
    package static let count = 32

    /// The private number, big-endian, 32 bytes.
    package let scalar: SecretBytes
    /// The public point's coordinates, big-endian, 32 bytes each.
    package let x: [UInt8]
    package let y: [UInt8]

    private let key: OpaquePointer
    private let contexts: ContextPool

    /// Nil unless `scalar` has 32 bytes and is a number of the curve: not zero and below its order.
    package init?(scalar: SecretBytes) {
        guard scalar.count == Self.count else { return nil }
        var point = [UInt8](repeating: 0, count: 1 + 2 * Self.count)
        let key = unsafe scalar.withUnsafeBytes { bytes in
            unsafe gateway_p256_key_pair(bytes.assumingMemoryBound(to: UInt8.self).baseAddress!, &point)
        }
        guard let key = unsafe key else {
            drainErrorQueue()
            return nil
        }
        self.scalar = scalar
        x = Array(point[1...Self.count])
        y = Array(point[(1 + Self.count)...])
        unsafe self.key = key
        contexts = Self.contexts(of: unsafe BorrowedKey(pointer: key))
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// A new key.
    package static func generate() -> P256PrivateKey {
        // One random number in 2³² is not below the order.
        while true {
            let scalar = unsafe SecretBytes(count: count) { buffer in
                unsafe SecureRandom.fill(buffer.assumingMemoryBound(to: UInt8.self).baseAddress!, count)
            }
            if let key = P256PrivateKey(scalar: scalar) { return key }
        }
    }

    /// ECDSA with SHA-256 (FIPS 186-4 section 6.4) as r ‖ s, 32 bytes each (RFC 7518 section 3.4).
    package func sign(_ message: [UInt8]) -> [UInt8] {
        let hash = SHA256.hash(message)
        let signature: [UInt8]? = unsafe contexts.withContext { context in
            // A sequence of two numbers of at most 33 bytes each.
            var encoded = [UInt8](repeating: 0, count: 80)
            var length = encoded.count
            unsafe require(EVP_PKEY_sign(context, &encoded, &length, hash, hash.count), "EVP_PKEY_sign")
            return ECDSASignatureForm.halves(Array(encoded[..<length]), count: Self.count)
        }
        guard let signature else { fatalError("OpenSSL failed in EVP_PKEY_sign_init.") }
        return signature
    }

    /// `@unchecked Sendable`: what a context does with the key, OpenSSL guards; the context holds a reference of its own.
    @safe private struct BorrowedKey: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static func contexts(of key: BorrowedKey) -> ContextPool {
        unsafe ContextPool(
            make: {
                guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil) else { return nil }
                if unsafe EVP_PKEY_sign_init(context) == 1
                    && EVP_PKEY_CTX_set_signature_md(context, FetchedAlgorithm.sha256.pointer) == 1
                {
                    return unsafe context
                }
                unsafe EVP_PKEY_CTX_free(context)
                return nil
            },
            free: { unsafe EVP_PKEY_CTX_free($0) })
    }
}

internal import COpenSSL

/// A public key inside OpenSSL, freed with its last owner.
///
/// `@unchecked Sendable`: the key never changes, and OpenSSL locks its internal caches.
@safe final class PublicKeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Owns the key; nil, with the error queue drained, where OpenSSL made none.
    init?(owning pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer else {
            drainErrorQueue()
            return nil
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_PKEY_free(pointer)
    }

    /// Contexts that check signatures over hashes by `digest`; `prepare` sets further options of the scheme.
    func contexts(
        _ digest: SignatureDigest, prepare: @escaping @Sendable (OpaquePointer) -> Bool = { _ in true }
    ) -> ContextPool {
        unsafe ContextPool(
            make: {
                guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, self.pointer, nil) else { return nil }
                if unsafe EVP_PKEY_verify_init(context) == 1
                    && EVP_PKEY_CTX_set_signature_md(context, digest.algorithm.pointer) == 1 && prepare(context)
                {
                    return unsafe context
                }
                unsafe EVP_PKEY_CTX_free(context)
                return nil
            },
            free: { unsafe EVP_PKEY_CTX_free($0) })
    }
}

extension ContextPool {
    /// Whether `signature`, in OpenSSL's form, is valid over `hash`. Every result but 1 counts as invalid.
    func isValidSignature(_ signature: UnsafeRawBufferPointer, over hash: [UInt8]) -> Bool {
        let bytes = unsafe signature.assumingMemoryBound(to: UInt8.self)
        let verdict = unsafe withContext { context in
            unsafe EVP_PKEY_verify(context, bytes.baseAddress, bytes.count, hash, hash.count)
        }
        if verdict == 1 { return true }
        drainErrorQueue()
        return false
    }
}

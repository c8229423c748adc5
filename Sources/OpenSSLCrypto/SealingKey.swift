internal import COpenSSL
package import SecretMemory

/// Encrypts and authenticates small values, such as cookies: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
///
/// One key is good for 2³² seals (SP 800-38D section 8.3): derive one per purpose, and a new one when the secret
/// changes.
package final class SealingKey: Sendable {
    /// The length of a key, in bytes.
    package static let count = 32
    /// The nonce and the tag. In bytes.
    package static let overhead = nonceCount + tagCount

    private static let nonceCount = 12
    private static let tagCount = 16

    private let encrypting: ContextPool
    private let decrypting: ContextPool

    /// Takes exactly 32 bytes.
    package init(_ key: SecretBytes) {
        precondition(key.count == Self.count, "A sealing key has 32 bytes.")
        encrypting = Self.contexts(key, direction: 1)
        decrypting = Self.contexts(key, direction: 0)
    }

    /// nonce (12) ‖ ciphertext ‖ tag (16). `authenticating` is not contained: `open` needs the same bytes, which bind the
    /// value to its purpose.
    package func seal(_ plaintext: [UInt8], authenticating data: [UInt8]) -> [UInt8] {
        let sealed = unsafe encrypting.withContext { context in
            unsafe [UInt8](unsafeUninitializedCapacity: plaintext.count + Self.overhead) { buffer, filled in
                let nonce = buffer.baseAddress!
                let body = unsafe nonce + Self.nonceCount
                unsafe SecureRandom.fill(nonce, Self.nonceCount)
                unsafe require(EVP_EncryptInit_ex(context, nil, nil, nil, nonce), "EVP_EncryptInit_ex")
                var count: Int32 = 0
                if !data.isEmpty {
                    unsafe require(
                        EVP_EncryptUpdate(context, nil, &count, data, Int32(data.count)), "EVP_EncryptUpdate")
                }
                if !plaintext.isEmpty {
                    unsafe require(
                        EVP_EncryptUpdate(context, body, &count, plaintext, Int32(plaintext.count)),
                        "EVP_EncryptUpdate")
                }
                let tag = unsafe body + plaintext.count
                unsafe require(EVP_EncryptFinal_ex(context, tag, &count), "EVP_EncryptFinal_ex")
                unsafe require(
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagCount), tag),
                    "EVP_CIPHER_CTX_ctrl")
                filled = plaintext.count + Self.overhead
            }
        }
        guard let sealed else { fatalError("OpenSSL failed in EVP_EncryptInit_ex.") }
        return sealed
    }

    /// The content, or nil: another key, other `authenticating` bytes, damaged, shorter than 28 bytes.
    package func open(_ sealed: [UInt8], authenticating data: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.overhead, sealed.count <= Int(Int32.max), data.count <= Int(Int32.max) else {
            return nil
        }
        let opened = unsafe decrypting.withContext { context in
            unsafe sealed.withUnsafeBufferPointer { bytes in
                unsafe Self.open(bytes, authenticating: data, in: context)
            }
        }
        if let opened, let content = opened { return content }
        drainErrorQueue()
        return nil
    }

    private static func open(
        _ sealed: UnsafeBufferPointer<UInt8>, authenticating data: [UInt8], in context: OpaquePointer
    ) -> [UInt8]? {
        let nonce = sealed.baseAddress!
        let body = unsafe nonce + nonceCount
        let bodyCount = sealed.count - overhead
        var isGenuine = false
        // At least 1: all empty arrays share one storage, to which the initializer would write their count.
        let content = unsafe [UInt8](unsafeUninitializedCapacity: max(bodyCount, 1)) { buffer, filled in
            var count: Int32 = 0
            let tag = unsafe UnsafeMutableRawPointer(mutating: body + bodyCount)
            isGenuine =
                unsafe EVP_DecryptInit_ex(context, nil, nil, nil, nonce) == 1
                && (data.isEmpty || EVP_DecryptUpdate(context, nil, &count, data, Int32(data.count)) == 1)
                && (bodyCount == 0
                    || EVP_DecryptUpdate(context, buffer.baseAddress, &count, body, Int32(bodyCount)) == 1)
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), tag) == 1
            var nothing: UInt8 = 0
            isGenuine = unsafe isGenuine && EVP_DecryptFinal_ex(context, &nothing, &count) == 1
            // The attacker chooses what decrypts under a wrong tag: erase it.
            if !isGenuine, let start = buffer.baseAddress { unsafe OPENSSL_cleanse(start, bodyCount) }
            filled = isGenuine ? bodyCount : 0
        }
        return isGenuine ? content : nil
    }

    private static func contexts(_ key: SecretBytes, direction: Int32) -> ContextPool {
        unsafe ContextPool(
            make: {
                guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
                let isReady = unsafe key.withUnsafeBytes { bytes in
                    unsafe EVP_CipherInit_ex(
                        context, FetchedAlgorithm.aes256GCM.pointer, nil,
                        bytes.assumingMemoryBound(to: UInt8.self).baseAddress, nil, direction) == 1
                }
                if isReady { return unsafe context }
                unsafe EVP_CIPHER_CTX_free(context)
                drainErrorQueue()
                return nil
            },
            free: { unsafe EVP_CIPHER_CTX_free($0) })
    }
}

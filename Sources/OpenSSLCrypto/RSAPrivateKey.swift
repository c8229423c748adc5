internal import COpenSSL

/// An RSA key that signs: for the provider's stand-in and for tests. The gateway itself has none.
///
/// `@unchecked Sendable`: the key is written in `init` alone and OpenSSL guards what it caches inside; each signature
/// has a context of its own.
@safe package final class RSAPrivateKey: @unchecked Sendable {
    private let key: OpaquePointer

    private init(_ key: OpaquePointer) {
        unsafe self.key = key
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// A new key with the exponent 65537. `bits` from 512 (tests of refusals) to 8192; 2048 takes about 0.1 s.
    package static func generate(bits: Int) -> RSAPrivateKey {
        precondition(bits >= 512 && bits <= RSAPublicKey.acceptedBits.upperBound)
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else {
            fatalError("This OpenSSL has no RSA.")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        unsafe require(EVP_PKEY_keygen_init(context), "EVP_PKEY_keygen_init")
        unsafe require(EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)), "EVP_PKEY_CTX_set_rsa_keygen_bits")
        var key: OpaquePointer?
        unsafe require(EVP_PKEY_generate(context, &key), "EVP_PKEY_generate")
        return unsafe RSAPrivateKey(key!)
    }

    /// The modulus, big-endian without leading zeros.
    package var modulus: [UInt8] { number(OSSL_PKEY_PARAM_RSA_N) }

    /// The public exponent, big-endian without leading zeros.
    package var exponent: [UInt8] { number(OSSL_PKEY_PARAM_RSA_E) }

    /// The public half as `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    package var publicPEM: String {
        guard let file = unsafe BIO_new(BIO_s_mem()) else { fatalError("OpenSSL failed in BIO_new.") }
        defer { unsafe BIO_free(file) }
        unsafe require(PEM_write_bio_PUBKEY(file, key), "PEM_write_bio_PUBKEY")
        let text = unsafe [UInt8](unsafeUninitializedCapacity: Int(BIO_ctrl_pending(file))) { buffer, filled in
            filled = unsafe Int(BIO_read(file, buffer.baseAddress, Int32(buffer.count)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1); as long as the modulus.
    package func sign(_ message: [UInt8], using digest: RSADigest = .sha256) -> [UInt8] {
        let hash = unsafe message.withUnsafeBytes { unsafe digest.hash($0) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
            fatalError("OpenSSL failed in EVP_PKEY_CTX_new_from_pkey.")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        unsafe require(EVP_PKEY_sign_init(context), "EVP_PKEY_sign_init")
        unsafe require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), "EVP_PKEY_CTX_set_rsa_padding")
        unsafe require(
            EVP_PKEY_CTX_set_signature_md(context, digest.algorithm.pointer), "EVP_PKEY_CTX_set_signature_md")
        return unsafe [UInt8](unsafeUninitializedCapacity: Int(EVP_PKEY_get_size(key))) { buffer, filled in
            filled = buffer.count
            unsafe require(EVP_PKEY_sign(context, buffer.baseAddress, &filled, hash, hash.count), "EVP_PKEY_sign")
        }
    }

    private func number(_ name: String) -> [UInt8] {
        var number: OpaquePointer?
        unsafe require(EVP_PKEY_get_bn_param(key, name, &number), "EVP_PKEY_get_bn_param")
        defer { unsafe BN_free(number) }
        let count = unsafe Int(BN_num_bits(number) + 7) / 8
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe Int(BN_bn2bin(number, buffer.baseAddress))
        }
    }
}

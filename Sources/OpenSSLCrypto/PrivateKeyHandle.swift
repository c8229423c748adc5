internal import COpenSSL
import SecretMemory

/// A key pair of any kind inside OpenSSL, freed with its last owner.
///
/// `@unchecked Sendable`: the key never changes, OpenSSL locks its internal caches, and each signature has a context of its
/// own.
@safe final class PrivateKeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// A new pair of the kind that OpenSSL calls `kind`; `prepare` sets its size or curve.
    init(generating kind: String, prepare: (OpaquePointer) -> Void = { _ in }) {
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, kind, nil) else {
            fatalError("This OpenSSL has no \(kind).")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        unsafe require(EVP_PKEY_keygen_init(context), "EVP_PKEY_keygen_init")
        unsafe prepare(context)
        var key: OpaquePointer?
        unsafe require(EVP_PKEY_generate(context, &key), "EVP_PKEY_generate")
        unsafe pointer = key!
    }

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

    /// The public half as `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    var publicPEM: String {
        guard let file = unsafe BIO_new(BIO_s_mem()) else { fatalError("OpenSSL failed in BIO_new.") }
        defer { unsafe BIO_free(file) }
        unsafe require(PEM_write_bio_PUBKEY(file, pointer), "PEM_write_bio_PUBKEY")
        let text = unsafe [UInt8](unsafeUninitializedCapacity: Int(BIO_ctrl_pending(file))) { buffer, filled in
            filled = unsafe Int(BIO_read(file, buffer.baseAddress, Int32(buffer.count)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A number of the public half, big-endian: in `count` bytes, or without leading zeros.
    func number(_ name: String, count: Int? = nil) -> [UInt8] {
        var number: OpaquePointer?
        unsafe require(EVP_PKEY_get_bn_param(pointer, name, &number), "EVP_PKEY_get_bn_param")
        defer { unsafe BN_free(number) }
        return unsafe ECDSASignatureForm.bigEndian(number, count: count ?? Int(BN_num_bits(number) + 7) / 8)
    }

    /// A number of the private half, big-endian in `count` bytes.
    func secretNumber(_ name: String, count: Int) -> SecretBytes {
        var number: OpaquePointer?
        unsafe require(EVP_PKEY_get_bn_param(pointer, name, &number), "EVP_PKEY_get_bn_param")
        defer { unsafe BN_clear_free(number) }
        return unsafe SecretBytes(count: count) { (buffer: UnsafeMutableRawBufferPointer) in
            let written = unsafe BN_bn2binpad(
                number, buffer.assumingMemoryBound(to: UInt8.self).baseAddress!, Int32(count))
            require(written == Int32(count) ? 1 : 0, "BN_bn2binpad")
        }
    }

    /// Signs a hash, in OpenSSL's form; `prepare` sets what the scheme needs.
    func sign(
        _ message: [UInt8], using digest: SignatureDigest, prepare: (OpaquePointer) -> Bool = { _ in true }
    ) -> [UInt8] {
        let hash = unsafe message.withUnsafeBytes { unsafe digest.hash($0) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
            fatalError("OpenSSL failed in EVP_PKEY_CTX_new_from_pkey.")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        unsafe require(EVP_PKEY_sign_init(context), "EVP_PKEY_sign_init")
        unsafe require(
            EVP_PKEY_CTX_set_signature_md(context, digest.algorithm.pointer), "EVP_PKEY_CTX_set_signature_md")
        unsafe require(prepare(context) ? 1 : 0, "EVP_PKEY_CTX_ctrl")
        return unsafe [UInt8](unsafeUninitializedCapacity: Int(EVP_PKEY_get_size(pointer))) { buffer, filled in
            filled = buffer.count
            unsafe require(EVP_PKEY_sign(context, buffer.baseAddress, &filled, hash, hash.count), "EVP_PKEY_sign")
        }
    }
}

internal import COpenSSL

/// An Edwards-curve key that signs by Ed25519 (RFC 8032): for the provider's stand-in and for tests.
package final class Ed25519PrivateKey: Sendable {
    private let key = unsafe PrivateKeyHandle(generating: "ED25519")

    private init() {}

    package static func generate() -> Ed25519PrivateKey { Ed25519PrivateKey() }

    /// The 32 bytes of the public half.
    package var publicBytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Ed25519PublicKey.count) { buffer, filled in
            filled = buffer.count
            unsafe require(
                EVP_PKEY_get_raw_public_key(key.pointer, buffer.baseAddress, &filled), "EVP_PKEY_get_raw_public_key")
        }
    }

    /// The public half as `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    package var publicPEM: String { key.publicPEM }

    /// The 64 bytes of the signature.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { fatalError("OpenSSL failed in EVP_MD_CTX_new.") }
        defer { unsafe EVP_MD_CTX_free(context) }
        unsafe require(EVP_DigestSignInit(context, nil, nil, nil, key.pointer), "EVP_DigestSignInit")
        return unsafe [UInt8](unsafeUninitializedCapacity: Ed25519PublicKey.signatureCount) { buffer, filled in
            filled = buffer.count
            unsafe require(
                EVP_DigestSign(context, buffer.baseAddress, &filled, message, message.count), "EVP_DigestSign")
        }
    }
}

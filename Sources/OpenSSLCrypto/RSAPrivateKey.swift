internal import COpenSSL

/// An RSA key that signs: for the provider's stand-in and for tests. The gateway itself has none.
package final class RSAPrivateKey: Sendable {
    private let key: PrivateKeyHandle

    private init(_ key: PrivateKeyHandle) {
        self.key = key
    }

    /// A new key with the exponent 65537. `bits` from 512 (tests of refusals) to 8192; 2048 takes about 0.1 s.
    package static func generate(bits: Int) -> RSAPrivateKey {
        precondition(bits >= 512 && bits <= RSAPublicKey.acceptedBits.upperBound)
        return unsafe RSAPrivateKey(
            PrivateKeyHandle(generating: "RSA") { context in
                unsafe require(
                    EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)), "EVP_PKEY_CTX_set_rsa_keygen_bits")
            })
    }

    /// The modulus, big-endian without leading zeros.
    package var modulus: [UInt8] { key.number(OSSL_PKEY_PARAM_RSA_N) }

    /// The public exponent, big-endian without leading zeros.
    package var exponent: [UInt8] { key.number(OSSL_PKEY_PARAM_RSA_E) }

    /// The public half as `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    package var publicPEM: String { key.publicPEM }

    /// As long as the modulus.
    package func sign(
        _ message: [UInt8], using digest: SignatureDigest = .sha256, padding: RSAPadding = .pkcs1
    ) -> [UInt8] {
        unsafe key.sign(message, using: digest) { unsafe padding.prepare($0, digest) }
    }
}

internal import COpenSSL

/// The padding scheme of an RSA signature.
package enum RSAPadding: Int, Sendable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    case pkcs1
    /// RSASSA-PSS (RFC 8017 section 8.1) in the form of RFC 7518 section 3.5: MGF1 with the same hash, and a salt exactly as
    /// long as the hash.
    case pss

    /// To be called after the digest is set.
    func prepare(_ context: OpaquePointer, _ digest: SignatureDigest) -> Bool {
        switch self {
        case .pkcs1: unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        case .pss:
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest.algorithm.pointer) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
        }
    }
}

internal import COpenSSL
package import SecretMemory

/// HKDF with SHA-256 (RFC 5869): derives one key per purpose from a configured secret.
package enum HKDF {
    /// `count` bytes (at most 255 × 32) for the purpose that `label` names, without salt. The secret must not be empty.
    package static func derive(from secret: SecretBytes, label: String, count: Int) -> SecretBytes {
        derive(from: secret, salt: [], info: Array(label.utf8), count: count)
    }

    /// With salt and info (RFC 5869 section 2); an empty salt is 32 zero bytes.
    package static func derive(from secret: SecretBytes, salt: [UInt8], info: [UInt8], count: Int) -> SecretBytes {
        precondition(!secret.isEmpty, "Keys cannot be derived from an empty secret.")
        precondition(count > 0 && count <= 255 * SHA256.count)
        guard let context = unsafe EVP_KDF_CTX_new(FetchedAlgorithm.hkdf.pointer) else {
            fatalError("OpenSSL failed in EVP_KDF_CTX_new.")
        }
        defer { unsafe EVP_KDF_CTX_free(context) }
        return unsafe SecretBytes(count: count) { output in
            unsafe secret.withUnsafeBytes { input in
                unsafe require(
                    gateway_hkdf_sha256(
                        context, input.baseAddress!, input.count, salt, salt.count, info, info.count,
                        output.assumingMemoryBound(to: UInt8.self).baseAddress!, count),
                    "EVP_KDF_derive")
            }
        }
    }
}

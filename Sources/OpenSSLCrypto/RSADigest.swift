internal import COpenSSL

/// The hash inside an RSASSA-PKCS1-v1_5 signature (RFC 8017 section 8.2).
package enum RSADigest: Sendable, CaseIterable {
    case sha256
    /// For the provider's stand-in, whose RS512 tokens are sound but for their algorithm.
    case sha512

    var algorithm: FetchedAlgorithm {
        switch self {
        case .sha256: .sha256
        case .sha512: .sha512
        }
    }

    func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        switch self {
        case .sha256: unsafe SHA256.hash(bytes)
        case .sha512:
            unsafe [UInt8](unsafeUninitializedCapacity: 64) { buffer, filled in
                unsafe require(
                    EVP_Digest(
                        bytes.baseAddress, bytes.count, buffer.baseAddress, nil, algorithm.pointer, nil), "EVP_Digest")
                filled = 64
            }
        }
    }
}

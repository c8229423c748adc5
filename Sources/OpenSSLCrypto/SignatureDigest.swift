internal import COpenSSL

/// The hash that an RSA or ECDSA signature is made over (RFC 7518 sections 3.3 to 3.5).
package enum SignatureDigest: Int, Sendable, CaseIterable {
    case sha256, sha384, sha512

    /// The length of a hash, in bytes.
    var count: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    var algorithm: FetchedAlgorithm {
        switch self {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }

    func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe require(
                EVP_Digest(bytes.baseAddress, bytes.count, buffer.baseAddress, nil, algorithm.pointer, nil),
                "EVP_Digest")
            filled = count
        }
    }
}

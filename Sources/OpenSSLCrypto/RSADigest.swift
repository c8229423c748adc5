/// The hash inside an RSASSA-PKCS1-v1_5 signature (RFC 8017 section 8.2).
package enum RSADigest: Sendable, CaseIterable {
    case sha256

    var algorithm: FetchedAlgorithm {
        switch self {
        case .sha256: .sha256
        }
    }

    func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        switch self {
        case .sha256: unsafe SHA256.hash(bytes)
        }
    }
}

package import SecretMemory

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The length of a hash, in bytes.
    package static let count = 32

    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe hash($0) }
    }

    package static func hash(_ bytes: SecretBytes) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe hash($0) }
    }

    static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        unsafe SignatureDigest.sha256.hash(bytes)
    }
}

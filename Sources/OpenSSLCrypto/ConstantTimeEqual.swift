internal import COpenSSL
package import SecretMemory

/// Compares secrets without telling by its duration where they differ (`CRYPTO_memcmp`). The lengths are not secret:
/// different ones give false at once. The one comparison for MACs, tickets and codes.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe CRYPTO_memcmp(a, b, a.count) == 0
}

package func constantTimeEqual(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    guard !a.isEmpty else { return true }
    return unsafe a.withUnsafeBytes { left in
        unsafe b.withUnsafeBytes { right in unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
    }
}

/// The same for bytes that cleanse themselves.
package func constantTimeEqual(_ a: SecretBytes, _ b: SecretBytes) -> Bool {
    guard a.count == b.count else { return false }
    guard !a.isEmpty else { return true }
    return unsafe a.withUnsafeBytes { left in
        unsafe b.withUnsafeBytes { right in unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
    }
}

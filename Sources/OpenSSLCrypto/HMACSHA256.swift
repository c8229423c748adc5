internal import COpenSSL
package import SecretMemory

/// HMAC-SHA-256 (RFC 2104) under one key.
///
/// `@unchecked Sendable`: the keyed context is written in `init` alone; each code is computed in a duplicate of it.
@safe package final class HMACSHA256: @unchecked Sendable {
    private let keyed: OpaquePointer

    /// The key may have any length but zero.
    package init(_ key: SecretBytes) {
        precondition(!key.isEmpty, "An empty HMAC key protects nothing.")
        guard let context = unsafe EVP_MAC_CTX_new(FetchedAlgorithm.hmac.pointer) else {
            fatalError("OpenSSL failed in EVP_MAC_CTX_new.")
        }
        unsafe keyed = context
        unsafe key.withUnsafeBytes { bytes in
            unsafe require(
                gateway_hmac_sha256_init(context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress!, bytes.count),
                "EVP_MAC_init")
        }
    }

    deinit {
        unsafe EVP_MAC_CTX_free(keyed)
    }

    /// The 32 bytes of the code. Compare with `constantTimeEqual`, never with `==`.
    package func code(for bytes: SecretBytes) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe code(for: $0) }
    }

    /// The 32 bytes of the code. Compare with `constantTimeEqual`, never with `==`.
    package func code(for bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe code(for: $0) }
    }

    private func code(for bytes: UnsafeRawBufferPointer) -> [UInt8] {
        guard let context = unsafe EVP_MAC_CTX_dup(keyed) else { fatalError("OpenSSL failed in EVP_MAC_CTX_dup.") }
        defer { unsafe EVP_MAC_CTX_free(context) }
        if let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress {
            unsafe require(EVP_MAC_update(context, start, bytes.count), "EVP_MAC_update")
        }
        return unsafe [UInt8](unsafeUninitializedCapacity: SHA256.count) { buffer, filled in
            unsafe require(EVP_MAC_final(context, buffer.baseAddress, &filled, buffer.count), "EVP_MAC_final")
        }
    }
}

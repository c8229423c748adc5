internal import COpenSSL
package import SecretMemory

/// HMAC (RFC 2104) under one key.
///
/// `@unchecked Sendable`: only `init` changes the keyed context; each code is computed in a duplicate of it.
@safe package final class HMACKey: @unchecked Sendable {
    package enum Digest: String, Sendable {
        case sha256 = "SHA256"
        /// Only for protocols that require it: as a MAC it is not broken, but new protocols should not use it.
        case sha1 = "SHA1"
    }

    /// Of a code, in bytes.
    private let count: Int
    private let keyed: OpaquePointer

    /// The key may have any length but zero.
    package init(_ key: SecretBytes, digest: Digest = .sha256) {
        precondition(!key.isEmpty, "An empty HMAC key protects nothing.")
        guard let context = unsafe EVP_MAC_CTX_new(FetchedAlgorithm.hmac.pointer) else {
            fatalError("OpenSSL failed in EVP_MAC_CTX_new.")
        }
        count = digest == .sha256 ? 32 : 20
        unsafe keyed = context
        unsafe key.withUnsafeBytes { bytes in
            unsafe require(
                gateway_hmac_init(
                    context, digest.rawValue, bytes.assumingMemoryBound(to: UInt8.self).baseAddress!, bytes.count),
                "EVP_MAC_init")
        }
    }

    deinit {
        unsafe EVP_MAC_CTX_free(keyed)
    }

    /// The bytes of the code. Compare with `constantTimeEqual`, never with `==`.
    package func code(for bytes: SecretBytes) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe code(for: $0) }
    }

    /// The bytes of the code. Compare with `constantTimeEqual`, never with `==`.
    package func code(for bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe code(for: $0) }
    }

    private func code(for bytes: UnsafeRawBufferPointer) -> [UInt8] {
        guard let context = unsafe EVP_MAC_CTX_dup(keyed) else { fatalError("OpenSSL failed in EVP_MAC_CTX_dup.") }
        defer { unsafe EVP_MAC_CTX_free(context) }
        if let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress {
            unsafe require(EVP_MAC_update(context, start, bytes.count), "EVP_MAC_update")
        }
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe require(EVP_MAC_final(context, buffer.baseAddress, &filled, buffer.count), "EVP_MAC_final")
        }
    }
}

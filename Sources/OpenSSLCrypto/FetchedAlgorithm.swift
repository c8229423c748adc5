internal import COpenSSL

/// The algorithms this room uses, fetched once: a look-up by name per operation would cost more than the operation.
///
/// `@unchecked Sendable`: OpenSSL's fetched algorithms are immutable and reference-counted; these live as long as
/// the process.
@safe struct FetchedAlgorithm: @unchecked Sendable {
    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer?, _ name: String) {
        guard let pointer = unsafe pointer else { fatalError("This OpenSSL has no \(name).") }
        unsafe self.pointer = pointer
    }

    static let sha256 = unsafe FetchedAlgorithm(EVP_MD_fetch(nil, "SHA256", nil), "SHA-256")
    static let sha384 = unsafe FetchedAlgorithm(EVP_MD_fetch(nil, "SHA384", nil), "SHA-384")
    static let sha512 = unsafe FetchedAlgorithm(EVP_MD_fetch(nil, "SHA512", nil), "SHA-512")
    static let aes256GCM = unsafe FetchedAlgorithm(EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), "AES-256-GCM")
    static let hmac = unsafe FetchedAlgorithm(EVP_MAC_fetch(nil, "HMAC", nil), "HMAC")
    static let hkdf = unsafe FetchedAlgorithm(EVP_KDF_fetch(nil, "HKDF", nil), "HKDF")
}

/// Empties this thread's error queue. Every call that failed is followed by it: an entry left behind would be taken
/// for the fault of whatever uses OpenSSL next on this thread, libcurl's TLS for one.
func drainErrorQueue() {
    ERR_clear_error()
}

/// For calls that fail only when memory or the library itself is broken: then there is no honest way on.
func require(_ result: Int32, _ call: StaticString) {
    guard result == 1 else { fatalError("OpenSSL failed in \(call).") }
}

/// Whether this thread's error queue holds nothing: the tests ask after every operation.
func isErrorQueueEmpty() -> Bool {
    ERR_peek_error() == 0
}

internal import COpenSSL

/// The algorithms of this module, fetched once: a look-up by name costs more than most operations.
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

/// Empties this thread's error queue, after every failed call: the next user of OpenSSL on this thread, such as libcurl's
/// TLS, would take an old entry for its own error.
func drainErrorQueue() {
    ERR_clear_error()
}

/// Ends the process where a call fails that can only fail without memory or with a broken library.
func require(_ result: Int32, _ call: StaticString) {
    guard result == 1 else { fatalError("OpenSSL failed in \(call).") }
}

/// For tests: whether an operation has left an entry in this thread's error queue.
func isErrorQueueEmpty() -> Bool {
    ERR_peek_error() == 0
}

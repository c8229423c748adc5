import OpenSSLCrypto

/// Names one request in its error page and in the log, so that a person and an operator speak of the same one.
package struct RequestID: Sendable, CustomStringConvertible {
    package let description: String

    static func random() -> RequestID {
        RequestID(description: SecureRandom.bytes(8).hexadecimal)
    }
}

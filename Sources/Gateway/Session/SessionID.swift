import OpenSSLCrypto

/// 128 random bits.
package struct SessionID: Hashable, Sendable {
    package let bytes: [UInt8]

    static let length = 16

    package static func random() -> SessionID { SessionID(bytes: SecureRandom.bytes(length)) }

    /// What may be shown and logged: enough to find a session again, of no use for making one.
    package var text: String { bytes.hexadecimal }
}

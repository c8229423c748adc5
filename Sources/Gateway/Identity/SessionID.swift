import OpenSSLCrypto

/// 128 random bits.
package struct SessionID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    static let length = 16

    package static func random() -> SessionID { SessionID(SecureRandom.bytes(length)[...])! }

    /// Nil unless there are exactly 16 bytes.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Nil unless it is what `text` says of some id.
    package init?(text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.length,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let high = UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits.suffix(16), as: UTF8.self), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    package var bytes: [UInt8] {
        [high, low].flatMap { half in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }
    }

    /// What may be shown and logged: enough to find a session again, of no use for making one.
    package var text: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * Self.length)
        text.appendHexadecimal(high)
        text.appendHexadecimal(low)
        return String(decoding: text, as: UTF8.self)
    }
}

import Untrusted

/// 128 random bits.
package struct SessionID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    static let length = 16

    package init(_ random: RandomSource) {
        let bytes = random.bytes(Self.length)
        high = UInt64(bigEndianBytes: bytes.prefix(8))
        low = UInt64(bigEndianBytes: bytes.suffix(8))
    }

    /// Nil unless there are exactly 16 bytes.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        high = UInt64(bigEndianBytes: bytes.prefix(8))
        low = UInt64(bigEndianBytes: bytes.suffix(8))
    }

    /// Nil unless it is what `text` says of some id.
    package init?(text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.length,
            digits.allSatisfy(Hexadecimal.isLowerCaseDigit),
            let high = UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits.suffix(16), as: UTF8.self), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    package var bytes: [UInt8] { high.bigEndianBytes + low.bigEndianBytes }

    /// What may be shown and logged: enough to find a session again, of no use for making one.
    package var text: String { bytes.hexadecimal }
}

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

    /// Reads `text`; nil for anything but 32 lower-case hexadecimal digits.
    package init?(text: String) {
        let digits = Array(text.utf8)
        let values = digits.filter(Hexadecimal.isLowerCaseDigit).compactMap(Hexadecimal.value).map(UInt64.init)
        guard digits.count == 2 * Self.length, values.count == digits.count else { return nil }
        high = values.prefix(16).reduce(0) { $0 << 4 | $1 }
        low = values.suffix(16).reduce(0) { $0 << 4 | $1 }
    }

    package var bytes: [UInt8] { high.bigEndianBytes + low.bigEndianBytes }

    /// 32 hexadecimal digits. May be shown and logged: a session cannot be made from its id.
    package var text: String { bytes.hexadecimal }
}

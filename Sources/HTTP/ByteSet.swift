/// A set of ASCII bytes, as 128 bits.
package struct ByteSet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    package init(_ members: String) {
        for byte in members.utf8 { insert(byte) }
    }

    package init(_ range: ClosedRange<UInt8>) {
        for byte in range { insert(byte) }
    }

    package func subtracting(_ others: String) -> ByteSet {
        let others = ByteSet(others)
        var rest = self
        rest.low &= ~others.low
        rest.high &= ~others.high
        return rest
    }

    private mutating func insert(_ byte: UInt8) {
        precondition(byte < 128)
        if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }

    package func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }

    package func containsAll(_ bytes: Span<UInt8>) -> Bool {
        for position in bytes.indices where !contains(bytes[position]) { return false }
        return true
    }

    package func containsAll(_ bytes: ArraySlice<UInt8>) -> Bool { containsAll(bytes.span) }
    package func containsAll(_ text: String) -> Bool { containsAll(text.utf8.span) }

    private static let alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    /// RFC 9110 section 5.6.2.
    package static let token = ByteSet(alphanumeric + "!#$%&'*+-.^_`|~")
    /// RFC 3986 section 2.3.
    package static let unreserved = ByteSet(alphanumeric + "-._~")
    package static let digits = ByteSet("0123456789")
    /// Printable ASCII without the blank.
    package static let visible = ByteSet(0x21...0x7e)
}

/// An amount of money as exact decimal text: `12.50`. The received text is kept. Arithmetic is decimal, because floating
/// point cannot hold cents exactly.
///
/// Form: `^[0-9]+(\.[0-9]+)?$`, the marketplace's form of every currency amount.
package struct DecimalText: Sendable, Hashable {
    /// More digits than any currency needs. In bytes.
    package static let maximumLength = 40

    package let text: UntrustedText

    /// Nil for any other form: a sign, an exponent, a blank, no digit before or after the point.
    package init?(_ text: UntrustedText) {
        guard text.count <= Self.maximumLength else { return nil }
        let parts = text.split(at: ".")
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.bytes.allSatisfy(Self.isDigit) }) else {
            return nil
        }
        self.text = text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Compares values, not texts: `1.50` is not greater than `1.5`.
    package func isGreater(than other: DecimalText) -> Bool {
        let (mine, others, _) = Self.aligned(self, other)
        return others.lexicographicallyPrecedes(mine)
    }

    /// The exact sum; nil where it is longer than an amount may be.
    package func adding(_ other: DecimalText) -> DecimalText? {
        let (mine, others, fraction) = Self.aligned(self, other)
        var sum: [UInt8] = []
        var carry: UInt8 = 0
        for (a, b) in zip(mine.reversed(), others.reversed()) {
            let digits = a + b + carry
            sum.append(digits % 10)
            carry = digits / 10
        }
        sum.append(carry)
        return Self.make(sum.reversed(), fraction)
    }

    /// The exact difference; nil where it would be negative.
    package func subtracting(_ other: DecimalText) -> DecimalText? {
        guard !other.isGreater(than: self) else { return nil }
        let (mine, others, fraction) = Self.aligned(self, other)
        var difference: [UInt8] = []
        var borrow: UInt8 = 0
        for (a, b) in zip(mine.reversed(), others.reversed()) {
            let taken = b + borrow
            borrow = a < taken ? 1 : 0
            difference.append(a + 10 * borrow - taken)
        }
        return Self.make(difference.reversed(), fraction)
    }

    /// The digits of both with equal counts before and after the point, and the count after it.
    private static func aligned(_ a: DecimalText, _ b: DecimalText) -> ([UInt8], [UInt8], fraction: Int) {
        let parts = [a, b].map { $0.text.split(at: ".").map { $0.bytes.map { $0 - UInt8(ascii: "0") } } }
        let whole = parts.map(\.[0].count).max() ?? 0
        let fraction = parts.map { $0.count > 1 ? $0[1].count : 0 }.max() ?? 0
        let digits = parts.map { number in
            let behind = number.count > 1 ? number[1] : []
            return [UInt8](repeating: 0, count: whole - number[0].count) + number[0] + behind
                + [UInt8](repeating: 0, count: fraction - behind.count)
        }
        return (digits[0], digits[1], fraction)
    }

    private static func make(_ digits: [UInt8], _ fraction: Int) -> DecimalText? {
        let ascii = digits.map { $0 + UInt8(ascii: "0") }
        let whole = ascii.dropLast(fraction).drop { $0 == UInt8(ascii: "0") }
        var text = whole.isEmpty ? [UInt8(ascii: "0")] : Array(whole)
        if fraction > 0 { text += [UInt8(ascii: ".")] + ascii.suffix(fraction) }
        return DecimalText(UntrustedText(checked: text))
    }
}

extension DecimalText: CustomStringConvertible {
    package var description: String { text.string }
}

/// Whether a double is the number that a JSON literal says, digit for digit: `0.1` is, `1e-400` and a quantity of twenty digits are
/// not. For texts that are written anew from their values, and for readers that have only doubles.
enum ExactNumber {
    /// Every integer up to 2^53. A larger one, as every other number, must also be what a reader writes again: `1000000000000000000`
    /// is, 2^60 is not, although a double holds it, because its shortest text ends with zeros.
    static func holds(_ integer: Int64) -> Bool { integer.magnitude <= 1 << 53 }

    static func holds(_ literal: ArraySlice<UInt8>, _ number: Double) -> Bool {
        guard number.isFinite, let written = Decimal(literal) else { return false }
        // The shortest text that reads as this double.
        return written == Decimal(Array("\(number)".utf8)[...])
    }

    /// `0.digits` times ten to the `exponent`, without zeros at either end. A sign is left out: it survives.
    private struct Decimal: Equatable {
        private var digits: [UInt8] = []
        private var exponent = 0

        /// Nil where the exponent is beyond all reason. The text is a number.
        init?(_ text: ArraySlice<UInt8>) {
            let parts = text.split(omittingEmptySubsequences: false) { $0 | 0x20 == UInt8(ascii: "e") }
            var isFraction = false
            for byte in parts[0] where byte != UInt8(ascii: "-") {
                if byte == UInt8(ascii: ".") {
                    isFraction = true
                } else if digits.isEmpty, byte == UInt8(ascii: "0") {
                    if isFraction { exponent -= 1 }
                } else {
                    digits.append(byte)
                    if !isFraction { exponent += 1 }
                }
            }
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
            guard !digits.isEmpty else {
                exponent = 0
                return
            }
            guard parts.count == 2 else { return }
            guard let written = Int(String(decoding: parts[1], as: UTF8.self)), written.magnitude < 1_000_000 else {
                return nil
            }
            exponent += written
        }
    }
}

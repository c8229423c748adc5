/// The letters of base64url as bytes, by arithmetic alone: no branch and no table depends on a letter, so no neighbour on
/// the machine can learn from the time what the letters were.
enum DecodeBase64URL {
    /// How many bytes so many letters are; nil where no bytes have that many.
    static func count(ofLetters letters: Int) -> Int? {
        letters % 4 == 1 ? nil : letters / 4 * 3 + max(0, letters % 4 - 1)
    }

    /// Writes `count(ofLetters:)` bytes and says whether the letters were canonical. What was written of others is no
    /// good.
    static func decode(_ letters: Span<UInt8>, into written: inout MutableSpan<UInt8>) -> Bool {
        var (bits, count, to, refused) = (0, 0, 0, 0)
        for position in letters.indices {
            let value = sextet(letters[position])
            refused |= value
            bits = (bits & 0xff) << 6 | value & 0x3f
            count += 6
            // Depends on the position alone.
            guard count >= 8 else { continue }
            count -= 8
            written[to] = UInt8(truncatingIfNeeded: bits >> count)
            to += 1
        }
        // The last letter's bits beyond the last byte are zero.
        return refused >= 0 && bits & ((1 << count) - 1) == 0
    }

    /// Six bits, or -1 for a byte that is no letter of the alphabet.
    private static func sextet(_ letter: UInt8) -> Int {
        let byte = Int(letter)
        /// All bits where the byte lies in the range, none elsewhere: both differences are negative then.
        func isWithin(_ first: Unicode.Scalar, _ last: Unicode.Scalar) -> Int {
            ((Int(first.value) - 1 - byte) & (byte - Int(last.value) - 1)) >> 8
        }
        return (isWithin("A", "Z") & (byte - 64)) + (isWithin("a", "z") & (byte - 70))
            + (isWithin("0", "9") & (byte + 5)) + (isWithin("-", "-") & 63) + (isWithin("_", "_") & 64) - 1
    }
}

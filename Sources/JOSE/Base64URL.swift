package import SecretMemory

/// base64url without padding (RFC 7515 section 2, RFC 4648 section 5). Decoding is strict: no padding, no white space, no
/// letter of the other alphabet, and unused last bits are zero. So every value has exactly one text.
package enum Base64URL {
    package static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encodedBytes(bytes), as: UTF8.self)
    }

    /// For secret bytes.
    package static func encode(_ bytes: SecretBytes) -> SecretBytes {
        var plain = bytes.exposedBytes
        var text = encodedBytes(plain)
        defer {
            plain.cleanse()
            text.cleanse()
        }
        return SecretBytes(text)
    }

    /// The bytes, or nil where the text is not canonical.
    package static func decode(_ text: String) -> [UInt8]? {
        decode(Array(text.utf8))
    }

    /// The bytes, or nil where the text is not canonical.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        decode(text[...])
    }

    /// The bytes of a secret text, or nil where it is not canonical.
    package static func decode(_ text: SecretBytes) -> SecretBytes? {
        decodeSecret(text, in: 0..<text.count)
    }

    /// The bytes of a part of a secret text, without a second copy.
    static func decodeSecret(_ text: SecretBytes, in range: Range<Int>) -> SecretBytes? {
        guard let count = DecodeBase64URL.count(ofLetters: range.count) else { return nil }
        var isCanonical = false
        let decoded = SecretBytes(count: count) { written in
            isCanonical = text.withSpan { DecodeBase64URL.decode($0.extracting(range), into: &written) }
        }
        return isCanonical ? decoded : nil
    }

    /// The bytes of a part that is not secret.
    static func decode(_ text: SecretBytes, in range: Range<Int>) -> [UInt8]? {
        guard let count = DecodeBase64URL.count(ofLetters: range.count) else { return nil }
        var decoded = [UInt8](repeating: 0, count: count)
        var written = decoded.mutableSpan
        return text.withSpan { DecodeBase64URL.decode($0.extracting(range), into: &written) } ? decoded : nil
    }

    /// The bytes, or nil where the text is not canonical.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard let count = DecodeBase64URL.count(ofLetters: text.count) else { return nil }
        var decoded = [UInt8](repeating: 0, count: count)
        var written = decoded.mutableSpan
        guard DecodeBase64URL.decode(text.span, into: &written) else {
            decoded.cleanse()
            return nil
        }
        return decoded
    }

    private static func encodedBytes(_ bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: (bytes.count * 4 + 2) / 3)
        let plain = bytes.span
        let letters = alphabet.span
        var written = text.mutableSpan
        var (from, to) = (0, 0)
        while from + 3 <= plain.count {
            let bits = Int(plain[from]) << 16 | Int(plain[from + 1]) << 8 | Int(plain[from + 2])
            written[to] = letters[bits >> 18]
            written[to + 1] = letters[bits >> 12 & 0x3f]
            written[to + 2] = letters[bits >> 6 & 0x3f]
            written[to + 3] = letters[bits & 0x3f]
            from += 3
            to += 4
        }
        // One or two bytes are left: two or three letters, and the last has unused zero bits.
        var bits = 0
        for place in 0..<plain.count - from { bits |= Int(plain[from + place]) << (16 - 8 * place) }
        for place in 0..<written.count - to { written[to + place] = letters[bits >> (18 - 6 * place) & 0x3f] }
        return text
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}

/// Decodes base64url by arithmetic: no branch and no table index depends on a letter, so the time reveals nothing about a
/// secret.
private enum DecodeBase64URL {
    /// The number of bytes for a number of letters; nil where there is none.
    static func count(ofLetters letters: Int) -> Int? {
        letters % 4 == 1 ? nil : letters / 4 * 3 + max(0, letters % 4 - 1)
    }

    /// Writes `count(ofLetters:)` bytes. False for letters that are not canonical; the written bytes are meaningless then.
    static func decode(_ letters: Span<UInt8>, into written: inout MutableSpan<UInt8>) -> Bool {
        var (bits, count, to, refused) = (0, 0, 0, 0)
        for position in letters.indices {
            let value = sextet(letters[position])
            refused |= value
            bits = (bits & 0xff) << 6 | value & 0x3f
            count += 6
            // Depends on the position, not on the letters.
            guard count >= 8 else { continue }
            count -= 8
            written[to] = UInt8(truncatingIfNeeded: bits >> count)
            to += 1
        }
        // The unused bits of the last letter must be zero.
        return refused >= 0 && bits & ((1 << count) - 1) == 0
    }

    /// Six bits, or -1 for a byte that is no letter of the alphabet.
    private static func sextet(_ letter: UInt8) -> Int {
        let byte = Int(letter)
        /// All bits set where the byte is in the range, because both differences are negative; else 0.
        func isWithin(_ first: Unicode.Scalar, _ last: Unicode.Scalar) -> Int {
            ((Int(first.value) - 1 - byte) & (byte - Int(last.value) - 1)) >> 8
        }
        return (isWithin("A", "Z") & (byte - 64)) + (isWithin("a", "z") & (byte - 70))
            + (isWithin("0", "9") & (byte + 5)) + (isWithin("-", "-") & 63) + (isWithin("_", "_") & 64) - 1
    }
}

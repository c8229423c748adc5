package import SecretMemory

/// base64url without padding (RFC 7515 section 2, RFC 4648 section 5), read strictly: no padding, no white space, no
/// letter of the other alphabet, and the unused last bits are zero, so that every value has exactly one spelling.
package enum Base64URL {
    package static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encodedBytes(bytes), as: UTF8.self)
    }

    /// The text for bytes that are a secret.
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

    /// The same for a part of it. The bytes are written where they stay.
    static func decodeSecret(_ text: SecretBytes, in range: Range<Int>) -> SecretBytes? {
        guard let count = decodedCount(range.count) else { return nil }
        var isCanonical = false
        let decoded = SecretBytes(count: count) { written in
            isCanonical = text.withSpan { decode($0.extracting(range), into: &written) }
        }
        return isCanonical ? decoded : nil
    }

    /// A part of a secret text that is not secret itself.
    static func decode(_ text: SecretBytes, in range: Range<Int>) -> [UInt8]? {
        guard let count = decodedCount(range.count) else { return nil }
        var decoded = [UInt8](repeating: 0, count: count)
        var written = decoded.mutableSpan
        return text.withSpan { decode($0.extracting(range), into: &written) } ? decoded : nil
    }

    /// The bytes, or nil where the text is not canonical.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard let count = decodedCount(text.count) else { return nil }
        var decoded = [UInt8](repeating: 0, count: count)
        var written = decoded.mutableSpan
        guard decode(text.span, into: &written) else {
            decoded.cleanse()
            return nil
        }
        return decoded
    }

    /// How many bytes so many letters are; nil where no bytes have that many.
    private static func decodedCount(_ letters: Int) -> Int? {
        letters % 4 == 1 ? nil : letters / 4 * 3 + max(0, letters % 4 - 1)
    }

    /// Writes `decodedCount` bytes and says whether the letters were canonical. What was written of others is no good.
    private static func decode(_ letters: Span<UInt8>, into written: inout MutableSpan<UInt8>) -> Bool {
        let table = sextets
        let values = table.span
        let remainder = letters.count % 4
        var invalid: UInt8 = 0
        var from = 0
        var to = 0
        while from + 4 <= letters.count {
            let a = values[Int(letters[from])]
            let b = values[Int(letters[from + 1])]
            let c = values[Int(letters[from + 2])]
            let d = values[Int(letters[from + 3])]
            invalid |= a | b | c | d
            written[to] = a << 2 | b >> 4
            written[to + 1] = b << 4 | c >> 2
            written[to + 2] = c << 6 | d
            from += 4
            to += 3
        }
        if remainder > 1 {
            let a = values[Int(letters[from])]
            let b = values[Int(letters[from + 1])]
            let c = remainder == 3 ? values[Int(letters[from + 2])] : 0
            invalid |= a | b | c
            written[to] = a << 2 | b >> 4
            if remainder == 3 { written[to + 1] = b << 4 | c >> 2 }
            // The last letter's bits beyond the last byte.
            if (remainder == 3 ? c & 0x3 : b & 0xf) != 0 { invalid |= notInAlphabet }
        }
        return invalid & notInAlphabet == 0
    }

    private static func encodedBytes(_ bytes: [UInt8]) -> [UInt8] {
        let count = (bytes.count * 4 + 2) / 3
        var text = [UInt8](repeating: 0, count: count)
        let plain = bytes.span
        let letters = alphabet.span
        var written = text.mutableSpan
        var to = 0
        for from in stride(from: 0, to: plain.count, by: 3) {
            let b = from + 1 < plain.count ? plain[from + 1] : 0
            let c = from + 2 < plain.count ? plain[from + 2] : 0
            let bits = UInt32(plain[from]) << 16 | UInt32(b) << 8 | UInt32(c)
            for place in 0..<min(4, count - to) {
                written[to + place] = letters[Int(bits >> UInt32(18 - 6 * place) & 0x3f)]
            }
            to += 4
        }
        return text
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// A bit that no six-bit value has.
    private static let notInAlphabet: UInt8 = 0x80

    /// By letter. Of fixed length, so that no look-up needs a check of its index.
    private static let sextets: [256 of UInt8] = {
        var values = [256 of UInt8](repeating: notInAlphabet)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}

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
        guard let count = DecodeBase64URL.count(ofLetters: range.count) else { return nil }
        var isCanonical = false
        let decoded = SecretBytes(count: count) { written in
            isCanonical = text.withSpan { DecodeBase64URL.decode($0.extracting(range), into: &written) }
        }
        return isCanonical ? decoded : nil
    }

    /// A part of a secret text that is not secret itself.
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
        // One byte or two are left, and two letters or three, the last with bits that are zero.
        var bits = 0
        for place in 0..<plain.count - from { bits |= Int(plain[from + place]) << (16 - 8 * place) }
        for place in 0..<written.count - to { written[to + place] = letters[bits >> (18 - 6 * place) & 0x3f] }
        return text
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}

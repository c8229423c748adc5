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
}

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
        decode(text, in: text.indices)
    }

    /// The bytes of a secret text, or nil where it is not canonical.
    package static func decode(_ text: SecretBytes) -> SecretBytes? {
        var plain = text.exposedBytes
        defer { plain.cleanse() }
        guard var decoded = decode(plain) else { return nil }
        defer { decoded.cleanse() }
        return SecretBytes(decoded)
    }

    static func decode(_ text: [UInt8], in range: Range<Int>) -> [UInt8]? {
        let remainder = range.count % 4
        guard remainder != 1 else { return nil }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count / 4 * 3 + 2)
        let values = sextets
        var bits: UInt32 = 0
        var invalid: UInt8 = 0
        var position = range.lowerBound
        while position + 4 <= range.upperBound {
            bits = 0
            for offset in 0..<4 {
                let value = values[Int(text[position + offset])]
                invalid |= value
                bits = bits << 6 | UInt32(value)
            }
            decoded.append(UInt8(truncatingIfNeeded: bits >> 16))
            decoded.append(UInt8(truncatingIfNeeded: bits >> 8))
            decoded.append(UInt8(truncatingIfNeeded: bits))
            position += 4
        }
        bits = 0
        while position < range.upperBound {
            let value = values[Int(text[position])]
            invalid |= value
            bits = bits << 6 | UInt32(value)
            position += 1
        }
        switch remainder {
        case 2:
            decoded.append(UInt8(truncatingIfNeeded: bits >> 4))
            if bits & 0xf != 0 { invalid |= notInAlphabet }
        case 3:
            decoded.append(UInt8(truncatingIfNeeded: bits >> 10))
            decoded.append(UInt8(truncatingIfNeeded: bits >> 2))
            if bits & 0x3 != 0 { invalid |= notInAlphabet }
        default: break
        }
        guard invalid & notInAlphabet == 0 else {
            decoded.cleanse()
            return nil
        }
        return decoded
    }

    private static func encodedBytes(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 3 * 4 + 3)
        let letters = alphabet
        var position = 0
        while position < bytes.count {
            let present = min(3, bytes.count - position)
            var bits: UInt32 = 0
            for offset in 0..<3 {
                bits = bits << 8 | (offset < present ? UInt32(bytes[position + offset]) : 0)
            }
            for letter in 0...present {
                text.append(letters[Int(bits >> UInt32(18 - 6 * letter) & 0x3f)])
            }
            position += 3
        }
        return text
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// A bit that no six-bit value has.
    private static let notInAlphabet: UInt8 = 0x80

    private static let sextets: [UInt8] = {
        var values = [UInt8](repeating: notInAlphabet, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}

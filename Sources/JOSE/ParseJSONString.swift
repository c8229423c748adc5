import SecretMemory
import Untrusted

extension JSONParser {
    /// Reads from the opening quote past the closing one. A string without escapes is copied in one piece.
    mutating func parseString() throws(JSONRefusal) -> UntrustedText {
        let start = position + 1
        let (end, isASCII) = endOfPlainRun(from: start)
        guard end < bytes.count else { throw .endsEarly }
        switch bytes[end] {
        case UInt8(ascii: "\""):
            let text = try text(in: start..<end, isASCII: isASCII)
            position = end + 1
            return text
        case UInt8(ascii: "\\"):
            position = end
            return try parseEscapedString(from: start)
        default: throw .unexpectedByte(at: end)
        }
    }

    /// The position of the first quote, backslash or control byte, or the end of the input.
    private func endOfPlainRun(from start: Int) -> (end: Int, isASCII: Bool) {
        let text = bytes.span
        var end = start
        var bits: UInt8 = 0
        while end < text.count {
            let byte = text[end]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            bits |= byte
            end += 1
        }
        return (end, bits < 0x80)
    }

    private func text(in range: Range<Int>, isASCII: Bool) throws(JSONRefusal) -> UntrustedText {
        let text = Array(bytes[range])
        if isASCII { return UntrustedText(checked: text) }
        guard let text = UntrustedText(validating: text) else { throw .notUTF8(at: range.lowerBound - 1) }
        return text
    }

    /// A secret string of printable ASCII without escapes, such as a token.
    mutating func parsePlainString() throws(JSONRefusal) -> SecretBytes {
        let start = position + 1
        let (end, isASCII) = endOfPlainRun(from: start)
        let text = SecretBytes(bytes.span.extracting(start..<end))
        // DEL: the only ASCII byte in a plain run that is not printable.
        guard isASCII, text.firstIndex(of: 0x7f) == nil else {
            throw .unexpectedByte(at: (start..<end).first { bytes[$0] > 0x7e } ?? end)
        }
        position = end
        guard try current() == UInt8(ascii: "\"") else { throw .unexpectedByte(at: end) }
        position += 1
        return text
    }

    /// Reads on from the first escape.
    private mutating func parseEscapedString(from start: Int) throws(JSONRefusal) -> UntrustedText {
        var text = Array(bytes[start..<position])
        defer { text.cleanse() }
        while true {
            let byte = try current()
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = UntrustedText(validating: text) else { throw .notUTF8(at: start - 1) }
                position += 1
                return string
            case UInt8(ascii: "\\"):
                position += 1
                try parseEscape(into: &text)
            case 0..<0x20: throw .unexpectedByte(at: position)
            default:
                text.append(byte)
                position += 1
            }
        }
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(JSONRefusal) {
        let escape = try current()
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let start = position - 1
            position += 1
            text += UTF8.encode(try parseScalar(from: start))!
            return
        default: throw .unexpectedByte(at: position)
        }
        position += 1
    }

    private mutating func parseScalar(from start: Int) throws(JSONRefusal) -> Unicode.Scalar {
        let first = try parseHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw .loneSurrogate(at: start) }
        position += 2
        let second = try parseHexadecimal()
        guard (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first - 0xd800) << 10 | UInt32(second - 0xdc00)))
        else { throw .loneSurrogate(at: start) }
        return scalar
    }

    private mutating func parseHexadecimal() throws(JSONRefusal) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Hexadecimal.value(try current()) else { throw .unexpectedByte(at: position) }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}

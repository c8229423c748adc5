import Untrusted

/// The only JSON encoder (RFC 8259).
extension JSONValue {
    /// The JSON text in the members' order, without white space. Safe inside HTML and on a terminal: `<`, `>`, `&` and invisible
    /// characters are escaped. Infinities and NaN, which JSON does not have, become null.
    package var encoded: [UInt8] { encoded(onlyASCII: false) }

    /// `onlyASCII`: for the log, where all other characters are escaped, so that any terminal shows them. Not safe inside
    /// HTML then.
    package func encoded(onlyASCII: Bool) -> [UInt8] {
        var text: [UInt8] = []
        encode(into: &text, onlyASCII)
        return text
    }

    fileprivate func encode(into text: inout [UInt8], _ onlyASCII: Bool) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .integer(let value): text += "\(value)".utf8
        case .number(let value): text += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): Self.encode(value, into: &text, onlyASCII)
        case .array(let values):
            text.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                value.encode(into: &text, onlyASCII)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let object):
            text.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                Self.encode(member.name, into: &text, onlyASCII)
                text.append(UInt8(ascii: ":"))
                member.value.encode(into: &text, onlyASCII)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func encode(_ string: UntrustedText, into text: inout [UInt8], _ onlyASCII: Bool) {
        text.append(UInt8(ascii: "\""))
        if string.bytes.allSatisfy({ JSONEscape.isPlain($0, inHTML: !onlyASCII) }) {
            text += string.bytes
        } else {
            for scalar in string.string.unicodeScalars {
                if scalar.isASCII {
                    JSONEscape.put(UInt8(scalar.value), inHTML: !onlyASCII, into: &text)
                } else if scalar.isVisible && !onlyASCII {
                    text += UTF8.encode(scalar)!
                } else {
                    for unit in UTF16.encode(scalar)! { JSONEscape.put(unit: unit, into: &text) }
                }
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}

extension JSONObject {
    /// The JSON text; see `JSONValue.encoded`.
    package var encoded: [UInt8] { JSONValue.object(self).encoded }
}

/// Escapes ASCII bytes in JSON strings. Also for secrets, which are written byte by byte.
package enum JSONEscape {
    /// Whether an ASCII byte needs no escape. `inHTML`: whether the text must be safe inside HTML.
    package static func isPlain(_ byte: UInt8, inHTML: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): false
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): !inHTML
        default: 0x20 <= byte && byte < 0x7f
        }
    }

    /// `byte` below 128.
    package static func put(_ byte: UInt8, inHTML: Bool, into text: inout [UInt8]) {
        if isPlain(byte, inHTML: inHTML) { return text.append(byte) }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): text += "\\n".utf8
        case UInt8(ascii: "\r"): text += "\\r".utf8
        case UInt8(ascii: "\t"): text += "\\t".utf8
        default: put(unit: UInt16(byte), into: &text)
        }
    }

    /// One escape for each UTF-16 code unit (RFC 8259 section 7).
    static func put(unit: UInt16, into text: inout [UInt8]) {
        text += "\\u".utf8
        for shift in [12, 8, 4, 0] { text.append(Hexadecimal.digit(UInt8(unit >> UInt16(shift) & 15))) }
    }
}

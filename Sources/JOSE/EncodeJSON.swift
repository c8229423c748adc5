import Untrusted

extension JSONValue {
    /// The JSON text in the members' order, without white space. Fit for standing inside HTML and on a
    /// terminal too: `<`, `>`, `&` and what cannot be seen are escaped. Infinities and NaN, which JSON cannot say, become null.
    package var encoded: [UInt8] {
        var text: [UInt8] = []
        encode(into: &text)
        return text
    }

    fileprivate func encode(into text: inout [UInt8]) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .integer(let value): text += "\(value)".utf8
        case .number(let value): text += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): JSONValue.encode(value, into: &text)
        case .array(let values):
            text.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                value.encode(into: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let object): object.encode(into: &text)
        }
    }

    fileprivate static func encode(_ string: UntrustedText, into text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for scalar in string.string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\"".utf8
            case "\\": text += "\\\\".utf8
            case "\n": text += "\\n".utf8
            case "\r": text += "\\r".utf8
            case "\t": text += "\\t".utf8
            case "<", ">", "&": escape(scalar, into: &text)
            default:
                if scalar.isVisible { text += UTF8.encode(scalar)! } else { escape(scalar, into: &text) }
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    /// One escape for each UTF-16 code unit (RFC 8259 section 7).
    private static func escape(_ scalar: Unicode.Scalar, into text: inout [UInt8]) {
        for unit in UTF16.encode(scalar)! {
            let digits = String(unit, radix: 16)
            text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
        }
    }
}

extension JSONObject {
    /// The JSON text; see `JSONValue.encoded`.
    package var encoded: [UInt8] { JSONValue.object(self).encoded }

    fileprivate func encode(into text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            JSONValue.encode(member.name, into: &text)
            text.append(UInt8(ascii: ":"))
            member.value.encode(into: &text)
        }
        text.append(UInt8(ascii: "}"))
    }
}

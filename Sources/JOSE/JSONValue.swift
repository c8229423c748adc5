package import SecretMemory
package import Untrusted

/// A JSON value (RFC 8259).
///
/// Strings compare by bytes, unlike Swift's own, to which KELVIN SIGN and `K` are equal: what decides about a login must
/// not be so generous.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// An integer literal, without fraction or exponent, that fits.
    case integer(Int64)
    /// Every other number, rounded to the nearest double; beyond its range infinity, below it zero. Before making an
    /// `Int` of it compare, because the conversion traps.
    case number(Double)
    case string(UntrustedText)
    case array([JSONValue])
    case object(JSONObject)

    /// How many arrays and objects may be inside one another.
    package static let maximumDepth = 16

    /// Reads the whole input strictly: valid UTF-8 without byte order mark, no name twice in an object, no lone
    /// surrogate, nothing after the value. The size is the caller's to limit.
    package static func parse(_ bytes: [UInt8]) throws(JSONRefusal) -> JSONValue {
        var parser = JSONParser(bytes)
        return try parser.parseWhole()
    }

    /// Reads secret bytes; the working copy is overwritten afterwards. Strings in the result are ordinary ones.
    /// `onlyExactNumbers`: refuses a number that would be another one when the value is written again.
    package static func parse(_ bytes: SecretBytes, onlyExactNumbers: Bool = false) throws(JSONRefusal) -> JSONValue {
        var parser = JSONParser(bytes.exposedBytes)
        parser.refusesInexactNumbers = onlyExactNumbers
        defer { parser.cleanse() }
        return try parser.parseWhole()
    }

    /// A string that this program writes.
    package static func string(_ text: String) -> JSONValue { .string(UntrustedText(text)) }

    /// The content of a string; nil for every other kind.
    package var text: UntrustedText? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Whether this is a string of exactly these bytes.
    package func isText(_ expected: String) -> Bool {
        if case .string(let text) = self { text.equals(expected) } else { false }
    }
}

extension JSONValue: Equatable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

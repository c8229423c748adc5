package import SecretMemory
package import Untrusted

/// A JSON value (RFC 8259).
///
/// Strings compare by bytes: for Swift's own strings KELVIN SIGN equals `K`, which is not safe for a login.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// An integer literal without fraction or exponent.
    case integer(Int64)
    /// Every other number, rounded to the nearest double; infinity or zero outside its range. Compare before a conversion to
    /// `Int`, which can trap.
    case number(Double)
    case string(UntrustedText)
    case array([JSONValue])
    case object(JSONObject)

    /// The most arrays and objects inside one another.
    package static let maximumDepth = 16

    /// Reads the whole input strictly: valid UTF-8 without byte order mark, no name twice in an object, no lone
    /// surrogate, nothing after the value. The size is the caller's to limit.
    package static func parse(_ bytes: [UInt8]) throws(JSONRefusal) -> JSONValue {
        var parser = JSONParser(bytes)
        return try parser.parseWhole()
    }

    /// For secret bytes: the working copy is overwritten. Strings in the result are not.
    /// `onlyExactNumbers`: refuses a number that would change when the value is written again.
    package static func parse(_ bytes: SecretBytes, onlyExactNumbers: Bool = false) throws(JSONRefusal) -> JSONValue {
        var parser = JSONParser(bytes.exposedBytes)
        parser.refusesInexactNumbers = onlyExactNumbers
        defer { parser.cleanse() }
        return try parser.parseWhole()
    }

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

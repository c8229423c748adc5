package import SecretMemory

/// A JSON value (RFC 8259).
///
/// Equality is by Unicode scalars, unlike Swift's strings, to which KELVIN SIGN and `K` are equal: what decides about
/// a login must not be so generous.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// An integer literal, without fraction or exponent, that fits.
    case integer(Int64)
    /// Every other number, rounded to the nearest double; beyond its range infinity, below it zero. Before making an
    /// `Int` of it compare, because the conversion traps.
    case number(Double)
    case string(String)
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

    /// The same for secret bytes; the working copy is overwritten afterwards. Strings in the result are ordinary ones.
    package static func parse(_ bytes: SecretBytes) throws(JSONRefusal) -> JSONValue {
        var parser = JSONParser(bytes.exposedBytes)
        defer { parser.cleanse() }
        return try parser.parseWhole()
    }

    /// The content of a string; nil for every other kind.
    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Whether this is a string of exactly these scalars.
    package func isText(_ expected: String) -> Bool {
        if case .string(let text) = self { text.hasSameScalars(as: expected) } else { false }
    }
}

extension JSONValue: Equatable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a.hasSameScalars(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension String {
    /// Equality by Unicode scalars. Lengths, then Swift's own equality, which is the wider one, say no much faster.
    func hasSameScalars(as other: String) -> Bool {
        guard utf8.count == other.utf8.count, self == other else { return false }
        // Of ASCII nothing is equivalent but itself.
        if utf8Span.isKnownASCII && other.utf8Span.isKnownASCII { return true }
        let (mine, others) = (utf8Span.span, other.utf8Span.span)
        for place in mine.indices where mine[place] != others[place] { return false }
        return true
    }
}

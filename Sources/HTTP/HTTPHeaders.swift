/// Header fields in the order in which they came or will go.
///
/// Names compare without regard to case (RFC 9110 section 5.1) and nothing else is folded: `X_Name` is not `X-Name`.
/// Values that came in are what the wire held, with U+FFFD where the bytes were not UTF-8, so a value that decides
/// anything can be required to be ASCII.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var fields: [Field]

    package init(_ fields: [Field] = []) { self.fields = fields }

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// What a request says under one name. Two fields are never one answer.
    package enum Lookup: Sendable, Equatable {
        case absent
        case one(String)
        case several
    }

    package func lookUp(_ name: String) -> Lookup {
        var found: Lookup = .absent
        for field in fields where Self.equal(field.name, name) {
            guard found == .absent else { return .several }
            found = .one(field.value)
        }
        return found
    }

    /// The value of a field that came exactly once; nil when it is absent or doubled.
    package subscript(name: String) -> String? {
        if case .one(let value) = lookUp(name) { value } else { nil }
    }

    /// Every value under `name`, for fields that may repeat (`Set-Cookie`).
    package func all(_ name: String) -> [String] {
        fields.filter { Self.equal($0.name, name) }.map(\.value)
    }

    /// ASCII case-insensitive equality, without making a folded copy of either side.
    package static func equal(_ left: String, _ right: String) -> Bool {
        let left = left.utf8
        let right = right.utf8
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { $0 == $1 || lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

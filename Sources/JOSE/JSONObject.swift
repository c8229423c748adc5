package import SecretMemory
package import Untrusted

/// A JSON object: members in their order, no name twice.
package struct JSONObject: Sendable {
    package private(set) var members: [(name: UntrustedText, value: JSONValue)]

    /// The names must differ.
    package init(_ members: [(name: UntrustedText, value: JSONValue)] = []) {
        precondition(Set(members.map(\.name)).count == members.count, "A JSON object has no name twice.")
        self.members = members
    }

    /// For the parser, which has looked for duplicates already.
    init(distinct members: [(name: UntrustedText, value: JSONValue)]) {
        self.members = members
    }

    /// Reads bytes that must be one object; see `JSONValue.parse`.
    package init(parsing bytes: SecretBytes) throws(JSONRefusal) {
        guard case .object(let object) = try JSONValue.parse(bytes) else { throw .notAnObject }
        self = object
    }

    /// Reads bytes that must be one object; see `JSONValue.parse`.
    package init(parsing bytes: [UInt8]) throws(JSONRefusal) {
        guard case .object(let object) = try JSONValue.parse(bytes) else { throw .notAnObject }
        self = object
    }

    /// Reads one object and hands over the string under `name` apart, in a buffer that cleanses itself: for answers
    /// that carry a token. In the object that member is null.
    package static func parse(
        _ bytes: SecretBytes, withholding name: UntrustedText
    ) throws(JSONRefusal) -> (object: JSONObject, withheld: SecretBytes?) {
        try parse(bytes, withholding: [name])
    }

    /// The same for a string inside objects inside the object, by the names that lead to it.
    package static func parse(
        _ bytes: SecretBytes, withholding path: [UntrustedText]
    ) throws(JSONRefusal) -> (object: JSONObject, withheld: SecretBytes?) {
        var parser = JSONParser(bytes.exposedBytes)
        defer { parser.cleanse() }
        parser.withheldPath = path
        guard case .object(let object) = try parser.parseWhole() else { throw .notAnObject }
        return (object, parser.withheld)
    }

    /// The member of exactly this name.
    package subscript(name: UntrustedText) -> JSONValue? {
        // By index, because a copy of each member on the way costs more than the comparison.
        for index in members.indices where members[index].name == name { return members[index].value }
        return nil
    }
}

extension JSONObject: Equatable {
    /// The order of the members does not count.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (UntrustedText, JSONValue)...) {
        self.init(elements.map { (name: $0.0, value: $0.1) })
    }
}

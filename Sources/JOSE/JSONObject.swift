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

    /// For the parser, which has checked for duplicates.
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

    /// Reads one object and returns the string under `name` separately as secret bytes: for responses with a token. In the
    /// object that member is null.
    package static func parse(
        _ bytes: SecretBytes, withholding name: UntrustedText
    ) throws(JSONRefusal) -> (object: JSONObject, withheld: SecretBytes?) {
        try parse(bytes, withholding: [name])
    }

    /// For a string inside nested objects; `path` has the names that lead to it.
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
        members.first { $0.name == name }?.value
    }
}

extension JSONObject: Equatable {
    /// In any order of the members.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (UntrustedText, JSONValue)...) {
        self.init(elements.map { (name: $0.0, value: $0.1) })
    }
}

package import JOSE
package import Untrusted

/// A value whose JSON form is an object.
package protocol FieldObject: FieldValue {
    init(_ fields: inout FieldReader) throws(FieldError)

    func write(_ fields: inout FieldWriter)
}

extension FieldObject {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        var fields = FieldReader(try JSONObject(value, at: place), at: place)
        try self.init(&fields)
        try fields.end()
    }

    package var json: JSONValue {
        var fields = FieldWriter()
        write(&fields)
        return .object(JSONObject(fields.members))
    }
}

/// Reads an object field by field and knows which are left.
package struct FieldReader {
    private let object: JSONObject
    package let place: FieldPlace
    private var read: Set<UntrustedText> = []

    init(_ object: JSONObject, at place: FieldPlace) {
        self.object = object
        self.place = place
    }

    package mutating func required<Value: FieldValue>(_ name: UntrustedText) throws(FieldError) -> Value {
        guard let value: Value = try optional(name) else { throw place.member(name).error(.missing) }
        return value
    }

    package mutating func optional<Value: FieldValue>(_ name: UntrustedText) throws(FieldError) -> Value? {
        read.insert(name)
        guard let value = object[name] else { return nil }
        if case .null = value, place.isOpen { return nil }
        return try Value(value, at: place.member(name))
    }

    /// A field that null may stand in, in answers too.
    package mutating func nullable<Value: FieldValue>(_ name: UntrustedText) throws(FieldError) -> Nullable<Value>? {
        read.insert(name)
        guard let value = object[name] else { return nil }
        return try Nullable(value, at: place.member(name))
    }

    func has(_ name: UntrustedText) -> Bool { object[name] != nil }

    /// What has not been read so far, for the objects that the reference leaves open.
    mutating func rest() -> JSONObject {
        let members = object.members.filter { !read.contains($0.name) }
        read.formUnion(members.map(\.name))
        return JSONObject(members)
    }

    func end() throws(FieldError) {
        guard !place.isOpen, let unknown = object.members.first(where: { !read.contains($0.name) }) else { return }
        throw place.member(unknown.name).error(.unknown)
    }
}

/// Collects the members of an object in the order of the reference; absent ones are left out.
package struct FieldWriter {
    fileprivate(set) var members: [(name: UntrustedText, value: JSONValue)] = []

    package mutating func put(_ name: UntrustedText, _ value: (some FieldValue)?) {
        if let value { members.append((name, value.json)) }
    }

    mutating func put(_ object: JSONObject) { members += object.members }
}

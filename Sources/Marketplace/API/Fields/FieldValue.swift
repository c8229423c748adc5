package import JOSE
package import Untrusted

/// A value of the marketplace's API with one JSON form. It is read from JSON and written again from itself, so that what
/// is sent on is what was understood.
package protocol FieldValue: Sendable, Equatable {
    init(_ value: JSONValue, at place: FieldPlace) throws(FieldError)

    var json: JSONValue { get }
}

/// Where in a body a value stands, and whether it was written by a partner or by the marketplace.
package struct FieldPlace: Sendable {
    /// Becomes text only for an error: most values are read without one.
    private indirect enum Trail: Sendable {
        case body
        case member(UntrustedText, of: Trail)
        case element(Int, of: Trail)

        var path: String {
            switch self {
            case .body: ""
            case .member(let name, let parent): JSONValue.member(name, of: parent.path)
            case .element(let index, let parent): "\(parent.path)[\(index)]"
            }
        }
    }

    private let trail: Trail
    /// Of an answer: unknown fields are skipped and null counts as absent, because the marketplace adds fields and the
    /// partner must live with that. A request has neither.
    package let isOpen: Bool

    package static let request = FieldPlace(trail: .body, isOpen: false)
    package static let answer = FieldPlace(trail: .body, isOpen: true)

    func member(_ name: UntrustedText) -> FieldPlace {
        FieldPlace(trail: .member(name, of: trail), isOpen: isOpen)
    }

    func element(_ index: Int) -> FieldPlace { FieldPlace(trail: .element(index, of: trail), isOpen: isOpen) }

    func error(_ problem: FieldError.Problem) -> FieldError { FieldError(trail.path, problem) }
}

extension UntrustedText: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        guard case .string(let text) = value else { throw place.error(.wrongType("a string")) }
        self = text
    }

    package var json: JSONValue { .string(self) }
}

extension Bool: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        guard case .bool(let bool) = value else { throw place.error(.wrongType("true or false")) }
        self = bool
    }

    package var json: JSONValue { .bool(self) }
}

extension Int64: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        switch value {
        case .integer(let integer): self = integer
        // JSON Schema knows no difference between 5 and 5.0, and programs write either.
        case .number(let number) where number.rounded() == number && number.magnitude <= Self.largestExact:
            self = Int64(number)
        default: throw place.error(.wrongType("a whole number"))
        }
    }

    /// Up to here every whole number is a double of its own.
    private static var largestExact: Double { 9_007_199_254_740_992 }

    package var json: JSONValue { .integer(self) }
}

extension DecimalText: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        guard case .string(let text) = value, let amount = DecimalText(text) else {
            throw place.error(.wrongType("an amount as a string of digits with at most one point"))
        }
        self = amount
    }

    package var json: JSONValue { .string(text) }
}

extension ISOTime: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        guard case .string(let text) = value, let time = ISOTime(text) else {
            throw place.error(.wrongType("a time in ISO 8601 with date, time and zone"))
        }
        self = time
    }

    package var json: JSONValue { .string(text) }
}

extension Array: FieldValue where Element: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        guard case .array(let values) = value else { throw place.error(.wrongType("an array")) }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for index in values.indices { elements.append(try Element(values[index], at: place.element(index))) }
        self = elements
    }

    package var json: JSONValue { .array(map(\.json)) }
}

/// Where the reference allows any object.
extension JSONObject: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        guard case .object(let object) = value else { throw place.error(.wrongType("an object")) }
        self = object
    }

    package var json: JSONValue { .object(self) }
}

/// An enumeration of documented words. Another word is refused.
extension FieldValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        guard case .string(let text) = value, let word = Self(text) else {
            throw place.error(.wrongType("one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))"))
        }
        self = word
    }

    package var json: JSONValue { .string(rawValue) }
}

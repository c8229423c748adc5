package import JOSE
package import Untrusted

/// A word of an answer: a documented one, or one that the marketplace has added since.
package enum OpenWord<Known: FieldValue & RawRepresentable & CaseIterable>: FieldValue where Known.RawValue == String {
    case known(Known)
    case other(UntrustedText)

    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        let text = try UntrustedText(value, at: place)
        self = Known(text).map(Self.known) ?? .other(text)
    }

    package var json: JSONValue {
        switch self {
        case .known(let word): word.json
        case .other(let text): text.json
        }
    }
}

/// A field that says something by being null, unlike one that is absent.
package enum Nullable<Value: FieldValue>: FieldValue {
    case null
    case value(Value)

    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        if case .null = value { self = .null } else { self = .value(try Value(value, at: place)) }
    }

    package var json: JSONValue {
        switch self {
        case .null: .null
        case .value(let value): value.json
        }
    }
}

/// A number that is no money: a quantity, a measurement. The reference says `number`, so a fraction is allowed.
package struct Quantity: FieldValue {
    package let json: JSONValue

    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        switch value {
        case .integer: json = value
        case .number(let number) where number.isFinite: json = value
        default: throw place.error(.wrongType("a number"))
        }
    }

    package init(_ integer: Int64) { json = .integer(integer) }

    package var isNegative: Bool {
        switch json {
        case .integer(let integer): integer < 0
        case .number(let number): number < 0
        default: false
        }
    }
}

/// A value that must not be printed: a secret of a resource, which the API carries as plain text.
package struct WithheldText: FieldValue {
    package let text: UntrustedText

    package init(_ text: UntrustedText) { self.text = text }

    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        text = try UntrustedText(value, at: place)
    }

    package var json: JSONValue { .string(text) }
}

extension WithheldText: CustomStringConvertible, CustomReflectable {
    package var description: String { "(\(text.count) secret bytes)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

import JOSE
import Untrusted

/// What a body of the marketplace's API has to look like. The stand-in has descriptions of its own, so that it finds what
/// a partner's types get wrong.
indirect enum Shape: Sendable {
    /// `atMost` in Unicode scalars.
    case text(atMost: Int = .max)
    /// Digits with at most one point, as a string.
    case amount
    /// ISO 8601, as a string.
    case time
    case number
    case integer
    case bool
    case word([String])
    case anyObject
    case list(Shape, atMost: Int = .max)
    case object([Field], isOpen: Bool = false)
    case nullable(Shape)
    /// An array of the first, or the second.
    case listOr(Shape, Shape)

    struct Field: Sendable {
        let name: UntrustedText
        let shape: Shape
        let isRequired: Bool

        init(_ name: UntrustedText, _ shape: Shape, isRequired: Bool = true) {
            self.name = name
            self.shape = shape
            self.isRequired = isRequired
        }
    }

    /// What is wrong, as a sentence that names the field; nil for nothing. `path` is the value's own.
    func fault(in value: JSONValue, at path: String = "") -> String? {
        switch (self, value) {
        case (.text(let most), .string(let text)):
            most < .max && text.string.unicodeScalars.count > most
                ? Self.wrong(path, "at most \(most) characters long") : nil
        case (.number, .integer), (.integer, .integer), (.bool, .bool), (.anyObject, .object): nil
        case (.amount, .string(let text)): DecimalText(text) == nil ? Self.wrong(path, "a decimal string") : nil
        case (.time, .string(let text)): ISOTime(text) == nil ? Self.wrong(path, "an ISO 8601 time") : nil
        case (.number, .number(let number)): number.isFinite ? nil : Self.wrong(path, "a number")
        case (.integer, .number(let number)):
            number.isFinite && number.rounded() == number ? nil : Self.wrong(path, "an integer")
        case (.word(let words), .string(let text)) where words.contains { text.equals($0) }: nil
        case (.nullable, .null): nil
        case (.nullable(let shape), _): shape.fault(in: value, at: path)
        case (.list(let shape, let most), .array(let values)):
            values.count > most ? Self.wrong(path, "at most \(most) elements") : Self.fault(of: shape, in: values, path)
        case (.listOr(let shape, _), .array(let values)): Self.fault(of: shape, in: values, path)
        case (.listOr(_, let shape), _): shape.fault(in: value, at: path)
        case (.object(let fields, let isOpen), .object(let object)): Self.fault(of: fields, isOpen, in: object, path)
        default: Self.wrong(path, name)
        }
    }

    private static func fault(of shape: Shape, in values: [JSONValue], _ path: String) -> String? {
        for (index, value) in values.enumerated() {
            if let fault = shape.fault(in: value, at: "\(path)[\(index)]") { return fault }
        }
        return nil
    }

    private static func fault(of fields: [Field], _ isOpen: Bool, in object: JSONObject, _ path: String) -> String? {
        for field in fields {
            let inside = JSONValue.member(field.name, of: path)
            if let value = object[field.name] {
                if let fault = field.shape.fault(in: value, at: inside) { return fault }
            } else if field.isRequired {
                return "`\(inside)` is missing."
            }
        }
        guard !isOpen,
            let unknown = object.members.first(where: { member in !fields.contains { $0.name == member.name } })
        else { return nil }
        return "`\(JSONValue.member(unknown.name, of: path))` is not allowed."
    }

    private static func wrong(_ path: String, _ what: String) -> String {
        "`\(path.isEmpty ? "body" : path)` should be \(what)."
    }

    private var name: String {
        switch self {
        case .text: "a string"
        case .amount: "a decimal string"
        case .time: "an ISO 8601 time"
        case .number: "a number"
        case .integer: "an integer"
        case .bool: "a boolean"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .list: "an array"
        case .anyObject, .object: "an object"
        case .nullable(let shape): shape.name
        case .listOr: "an array or an object"
        }
    }
}

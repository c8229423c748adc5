import JOSE
import Untrusted

/// Changes a JSON value at one place: for tests that try every place.
enum JSONTree {
    enum Step: Sendable, Equatable {
        case member(UntrustedText)
        case element(Int)
    }

    typealias Path = [Step]

    /// As `FieldError.path` names it.
    static func text(_ path: Path) -> String {
        path.reduce("") { text, step in
            switch step {
            case .member(let name): text.isEmpty ? name.string : "\(text).\(name.string)"
            case .element(let index): "\(text)[\(index)]"
            }
        }
    }

    /// Of every value but the outermost, from outside inwards.
    static func paths(in value: JSONValue) -> [Path] {
        switch value {
        case .object(let object):
            object.members.flatMap { member in
                [[.member(member.name)]] + paths(in: member.value).map { [.member(member.name)] + $0 }
            }
        case .array(let values):
            values.enumerated().flatMap { index, value in
                [[.element(index)]] + paths(in: value).map { [.element(index)] + $0 }
            }
        default: []
        }
    }

    static func value(at path: Path, in value: JSONValue) -> JSONValue {
        path.reduce(value) { value, step in
            switch (step, value) {
            case (.member(let name), .object(let object)): object[name] ?? .null
            case (.element(let index), .array(let values)): values[index]
            default: .null
            }
        }
    }

    /// With `change` of the value at `path`; nil takes it away.
    static func changing(
        _ value: JSONValue, at path: ArraySlice<Step>, _ change: (JSONValue) -> JSONValue?
    ) -> JSONValue? {
        guard let step = path.first else { return change(value) }
        switch (step, value) {
        case (.member(let name), .object(let object)):
            return .object(
                JSONObject(
                    object.members.compactMap { member in
                        guard member.name == name else { return member }
                        return changing(member.value, at: path.dropFirst(), change).map { (name, $0) }
                    }))
        case (.element(let position), .array(let values)):
            return .array(
                values.enumerated().compactMap { index, value in
                    index == position ? changing(value, at: path.dropFirst(), change) : value
                })
        default: return value
        }
    }

    static func changing(_ value: JSONValue, at path: Path, _ change: (JSONValue) -> JSONValue?) -> JSONValue {
        changing(value, at: path[...], change) ?? .null
    }

    /// The text with the member at `path` twice.
    static func duplicating(_ value: JSONValue, at path: ArraySlice<Step>) -> String {
        guard let step = path.first else { return text(of: value) }
        switch (step, value) {
        case (.member(let name), .object(let object)):
            let members = object.members.map { member in
                let key = text(of: .string(member.name))
                guard member.name == name else { return "\(key):\(text(of: member.value))" }
                let pair = "\(key):\(duplicating(member.value, at: path.dropFirst()))"
                return path.count == 1 ? "\(pair),\(pair)" : pair
            }
            return "{\(members.joined(separator: ","))}"
        case (.element(let position), .array(let values)):
            let elements = values.enumerated().map { index, value in
                index == position ? duplicating(value, at: path.dropFirst()) : text(of: value)
            }
            return "[\(elements.joined(separator: ","))]"
        default: return text(of: value)
        }
    }

    static func text(of value: JSONValue) -> String { String(decoding: value.encoded, as: UTF8.self) }
}

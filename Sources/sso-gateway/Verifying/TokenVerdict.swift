import JOSE
import Untrusted

/// The result of `verify-token`.
enum TokenVerdict: Error {
    /// `claims` is null if the payload is not a JSON object. `notes` are oddities that are no reason to refuse.
    case valid(claims: JSONValue, algorithm: SignatureAlgorithm, keyID: String?, notes: [String])
    /// A stable word, a message, and a hint where to look.
    case refused(_ reason: String, _ message: String, lookAt: String)

    var isValid: Bool {
        if case .valid = self { true } else { false }
    }

    private var object: JSONObject {
        switch self {
        case .valid(let claims, let algorithm, let keyID, let notes):
            JSONObject(
                [
                    ("valid", .bool(true)), ("claims", claims), ("algorithm", .string(algorithm.name)),
                    ("key_id", keyID.map(JSONValue.string) ?? .null),
                ] + (notes.isEmpty ? [] : [("notes", .array(notes.map(JSONValue.string)))]))
        case .refused(let reason, let message, let lookAt):
            [
                "valid": .bool(false), "reason": .string(reason), "message": .string(message),
                "look_at": .string(lookAt),
            ]
        }
    }

    /// On one line for programs, or one member a line for people.
    func text(indented: Bool) -> String {
        guard indented else { return String(decoding: object.encoded, as: UTF8.self) }
        return Self.lines(.object(object), indent: "")
    }

    private static func lines(_ value: JSONValue, indent: String) -> String {
        guard case .object(let object) = value, !object.members.isEmpty else {
            return String(decoding: value.encoded, as: UTF8.self)
        }
        let members = object.members.map { member in
            let name = String(decoding: JSONValue.string(member.name).encoded, as: UTF8.self)
            return "\(indent)  \(name): \(lines(member.value, indent: indent + "  "))"
        }
        return "{\n\(members.joined(separator: ",\n"))\n\(indent)}"
    }
}

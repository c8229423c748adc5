import JOSE
import Untrusted

/// What `verify-token` says in the end.
enum TokenVerdict: Error {
    /// `claims` is null where something else than a JSON object is signed. `notes` are oddities that refuse nothing.
    case valid(claims: JSONValue, algorithm: SignatureAlgorithm, keyID: String?, notes: [String])
    /// A word, a sentence, and what to look at.
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

    /// On one line for programs, or a member a line for people.
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

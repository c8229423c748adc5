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

    var object: JSONObject {
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

    func text(_ terminal: Terminal) -> String {
        switch self {
        case .valid(let claims, let algorithm, let keyID, let notes):
            let rows =
                [("algorithm", algorithm.name), ("key id", keyID?.visible ?? "-")]
                + notes.map { ("note", $0.visible) }
            let head = "\(terminal.good("✓")) The token is valid.\n\(Columns.rows(rows))\n  \(terminal.bold("claims"))"
            return ([head] + AnswerLines.lines(of: claims, terminal).map { "  " + $0 }).joined(separator: "\n")
        case .refused(let reason, let message, let lookAt):
            let rows = [("reason", reason), ("look at", lookAt.visible)]
            return "\(terminal.bad("✗")) \(message.visible)\n\(Columns.rows(rows))"
        }
    }
}

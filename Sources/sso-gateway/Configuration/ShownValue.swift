import Yams

/// The part of a value that messages may show: enough to find it, and nothing that may be a secret.
enum ShownValue {
    /// As written in the file: the value of `${NAME}` may be a secret that was meant for another key.
    static func of(_ node: Node) -> String { withoutCredentials(node.scalar?.string ?? "") }

    /// Without the text before the last `@`, where an address has a user name and a password.
    static func withoutCredentials(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        let scheme = text[..<at].firstRange(of: "://")?.upperBound
        return text[..<(scheme ?? text.startIndex)] + "…" + text[at...]
    }

    /// Whether `text` is an address with a user name or a password.
    static func hasCredentials(_ text: String) -> Bool {
        text.firstRange(of: "://").map { text[$0.upperBound...].contains("@") } ?? false
    }
}

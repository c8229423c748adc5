import Yams

/// What messages show of a value: enough to find it, and nothing that may be a secret.
enum ShownValue {
    /// As it stands in the file: what `${NAME}` stands for may be a secret that was meant for another key.
    static func of(_ node: Node) -> String { withoutCredentials(node.scalar?.string ?? "") }

    /// Without what stands before the last `@`, where an address has its user name and password.
    static func withoutCredentials(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        let scheme = text[..<at].firstRange(of: "://")?.upperBound
        return text[..<(scheme ?? text.startIndex)] + "…" + text[at...]
    }

    /// Whether it is an address with a user name or a password.
    static func hasCredentials(_ text: String) -> Bool {
        text.firstRange(of: "://").map { text[$0.upperBound...].contains("@") } ?? false
    }
}

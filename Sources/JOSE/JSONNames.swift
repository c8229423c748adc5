import Untrusted

/// Finds a name that an object has twice, as the parser comes by them.
struct JSONNames {
    /// As many members as a token's payload has, more or less.
    static let usualCount = 16

    /// Of all names, once there are many: thousands are hashed, a handful is compared faster one by one.
    private var seen: Set<UntrustedText> = []

    /// Whether none of the members has this name. Called once for each, before it is appended.
    mutating func isNew(_ name: UntrustedText, among members: [(name: UntrustedText, value: JSONValue)]) -> Bool {
        guard members.count >= Self.usualCount else { return !members.contains { $0.name == name } }
        if seen.isEmpty { seen = Set(members.map(\.name)) }
        return seen.insert(name).inserted
    }
}

/// Finds a name that an object has twice, as the parser comes by them.
///
/// Swift's equality takes canonically equivalent names for equal too: it refuses more than RFC 8259 asks for, never
/// less.
struct JSONNames {
    /// As many members as a token's payload has, more or less.
    static let usualCount = 16

    /// Of all names, once there are many: an attacker's thousands are hashed, a handful is compared faster one by one.
    private var seen: Set<String> = []
    private var areASCII = true

    /// Whether none of the members has this name. Asked once for each, before it is appended.
    mutating func isNew(_ name: String, isASCII: Bool, among members: [(name: String, value: JSONValue)]) -> Bool {
        if !isASCII { areASCII = false }
        guard members.count < Self.usualCount else {
            if seen.isEmpty { seen = Set(members.map(\.name)) }
            return seen.insert(name).inserted
        }
        // Equal names of ASCII are equally long, which is seen at once.
        let count = name.utf8.count
        for index in members.indices where !areASCII || members[index].name.utf8.count == count {
            if members[index].name == name { return false }
        }
        return true
    }
}

import Yams

/// Reads one YAML mapping key by key. A key that no reader takes is a problem: no key is accepted and ignored.
final class MappingReader {
    let key: String
    let list: ProblemList
    let environment: [String: String]
    private let node: Node?
    /// The names that a reader looked up here.
    private var known: Set<String> = []
    private var remaining: [(key: String, keyNode: Node, value: Node)] = []

    init(_ node: Node?, key: String, list: ProblemList, environment: [String: String]) {
        self.key = key
        self.list = list
        self.environment = environment
        self.node = node
        guard let node else { return }
        guard let mapping = node.mapping else {
            list.add(node, key, "must be a mapping of keys to values")
            return
        }
        for (name, value) in mapping {
            guard let text = name.scalar?.string else {
                list.add(name, key, "has a key that is not plain text")
                continue
            }
            if remaining.contains(where: { $0.key == text }) {
                list.add(name, path(text), "is given twice")
            } else {
                remaining.append((text, name, value))
            }
        }
    }

    var isPresent: Bool { node != nil }
    /// The names that are not read yet, in the file's order.
    var remainingNames: [String] { remaining.map(\.key) }

    /// The dotted key of `name`, or of this mapping for an empty name.
    func path(_ name: String) -> String { [key, name].filter { !$0.isEmpty }.joined(separator: ".") }

    /// The value of `name`. It counts as read from now on.
    func take(_ name: String) -> Node? {
        note(name)
        guard let index = remaining.firstIndex(where: { $0.key == name }) else { return nil }
        return remaining.remove(at: index).value
    }

    private func note(_ name: String) {
        known.insert(name)
        list.noteKnown(path(name))
    }

    func mapping(_ name: String) -> MappingReader {
        MappingReader(take(name), key: path(name), list: list, environment: environment)
    }

    /// Adds a problem for each key that was not read.
    func finish() {
        for (name, keyNode, _) in remaining {
            let hint = ClosestName.to(name, among: known).map { "; did you mean `\($0)`?" } ?? ""
            list.add(keyNode, path(name), "is not a key that this version knows\(hint)")
        }
        remaining = []
    }

    /// Adds a problem at this mapping's own line.
    func missing(_ name: String, _ message: String = "is missing") { list.add(node, path(name), message) }

    /// The text of a scalar. `${NAME}` is replaced by the environment's variable.
    func text(_ name: String) -> (text: String, node: Node)? {
        guard let node = take(name) else { return nil }
        return text(of: node, path(name)).map { ($0, node) }
    }

    func text(of node: Node, _ path: String) -> String? {
        guard let scalar = node.scalar, !(scalar.style == .plain && ["", "null", "~"].contains(scalar.string)) else {
            list.add(node, path, "must be text")
            return nil
        }
        var filled = ""
        var rest = Substring(scalar.string)
        while let open = rest.firstRange(of: "${") {
            guard let close = rest[open.upperBound...].firstIndex(of: "}") else {
                list.add(node, path, "has `${` without `}`")
                return nil
            }
            let name = String(rest[open.upperBound..<close])
            guard let value = environment[name] else {
                list.add(node, path, "the environment has no variable \(name)")
                return nil
            }
            filled += rest[..<open.lowerBound] + value
            rest = rest[rest.index(after: close)...]
        }
        return filled + rest
    }

    /// The value that `read` makes of the text. `expected` names the valid values in the message; a secret is not shown in it.
    func value<Value>(_ name: String, _ expected: String, isSecret: Bool = false, _ read: (String) -> Value?) -> Value?
    {
        guard let (text, node) = text(name) else { return nil }
        guard let value = read(text) else {
            if isSecret {
                list.add(node, path(name), "must be \(expected)")
            } else {
                refuse(node, name, expected, text)
            }
            return nil
        }
        return value
    }

    private func refuse(_ node: Node, _ name: String, _ expected: String, _ text: String) {
        let clean = ShownValue.hasCredentials(text) ? " without a user name and password" : ""
        list.add(node, path(name), "must be \(expected)\(clean), not `\(ShownValue.of(node))`")
    }

    /// As `value`, for a key that must be given.
    func required<Value>(_ name: String, _ expected: String, _ read: (String) -> Value?) -> Value? {
        note(name)
        guard remaining.contains(where: { $0.key == name }) else {
            missing(name, "is missing: \(expected)")
            return nil
        }
        return value(name, expected, read)
    }

    /// A list of scalars, each as `value` reads one.
    func values<Value>(_ name: String, _ expected: String, _ read: (String) -> Value?) -> [Value]? {
        guard let node = take(name) else { return nil }
        guard let sequence = node.sequence else {
            list.add(node, path(name), "must be a list of \(expected)")
            return nil
        }
        return sequence.compactMap { item in
            guard let text = text(of: item, path(name)) else { return nil }
            if let value = read(text) { return value }
            refuse(item, name, expected, text)
            return nil
        }
    }
}

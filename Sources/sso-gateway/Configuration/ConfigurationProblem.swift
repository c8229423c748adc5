import Yams

/// One problem in a configuration: where it is, what is wrong, and what would be right.
package struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
    let file: String
    /// From 1; 0 for the whole file.
    package let line: Int
    /// Dotted, as in `integrations.live.client_id`; empty for the whole file.
    let key: String
    package let message: String

    package var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
    }
}

/// All problems of a configuration, in the order of their lines.
package struct InvalidConfiguration: Error, Sendable {
    package let problems: [ConfigurationProblem]
}

/// Collects the problems of a file, so that one run reports all of them.
final class ProblemList {
    let file: String
    private(set) var problems: [ConfigurationProblem] = []
    /// Every key that a reader looked up, dotted: the keys that this version knows.
    private(set) var known: Set<String> = []

    init(file: String) { self.file = file }

    func noteKnown(_ key: String) { known.insert(key) }

    func add(_ node: Node?, _ key: String, _ message: String) {
        problems.append(ConfigurationProblem(file: file, line: node?.mark?.line ?? 0, key: key, message: message))
    }
}

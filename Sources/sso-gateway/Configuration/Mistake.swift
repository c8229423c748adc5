/// One thing that is wrong with a configuration: where, what, and what would be right.
struct Mistake: Error, Sendable, Equatable, CustomStringConvertible {
    let file: String
    /// From 1; 0 where the whole file is meant.
    let line: Int
    /// Dotted, as in `integrations.live.client_id`; empty for the whole file.
    let key: String
    let message: String

    var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
    }
}

/// Every mistake of a configuration at once, in the order of their lines.
struct InvalidConfiguration: Error, Sendable {
    let mistakes: [Mistake]
}

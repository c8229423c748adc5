import SecretMemory
import Untrusted

/// The lines `NAME=VALUE` of a file such as `.env.local`, or of systemd's `EnvironmentFile=`.
struct EnvironmentFile {
    private let variables: [String: String]

    init(_ path: String) throws(ReadFile.Failure) {
        let content = try ReadFile.secretContent(path, from: .fileOrPipe)
        guard let text = content.exposedText else { throw ReadFile.Failure(message: "\(path) is not UTF-8 text") }
        var variables: [String: String] = [:]
        for line in text.string.split(whereSeparator: \.isNewline) {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let name = pair[0].split(whereSeparator: \.isWhitespace).last,
                !line.drop(while: \.isWhitespace).hasPrefix("#")
            else { continue }
            variables[String(name)] = Self.unquoted(pair[1])
        }
        self.variables = variables
    }

    subscript(_ name: String) -> String? { variables[name] }

    private static func unquoted(_ value: Substring) -> String {
        var value = value
        while value.last?.isWhitespace == true { value.removeLast() }
        while value.first?.isWhitespace == true { value.removeFirst() }
        for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
            return String(value.dropFirst().dropLast())
        }
        return String(value)
    }
}

/// The request methods the gateway knows (RFC 9110 section 9). A server answers any other with 501 and closes.
package enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"

    /// Case decides (RFC 9110 section 9.1).
    package init?(_ name: Span<UInt8>) {
        guard (1...8).contains(name.count) else { return nil }
        let word = EightBytes(padded: name).word
        for index in Self.words.indices where Self.words[index] == word {
            self = Self.allCases[index]
            return
        }
        return nil
    }

    /// Their names, each in one word.
    private static let words = allCases.map { EightBytes(padded: $0.rawValue.utf8.span).word }
}

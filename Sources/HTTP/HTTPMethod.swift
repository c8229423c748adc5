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
        for method in Self.allCases where SameBytes.areSame(method.rawValue.utf8.span, name) {
            self = method
            return
        }
        return nil
    }
}

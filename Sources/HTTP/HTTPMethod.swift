/// A request's method (RFC 9110 section 9).
package enum HTTPMethod: Hashable, Sendable {
    case get, head, post, put, patch, delete, options
    /// Any other method. A server answers it with 501, unless its handler accepts it for a decision.
    case other(String)

    package static let known: [HTTPMethod] = [.get, .head, .post, .put, .patch, .delete, .options]

    /// At most 24 bytes of `A` to `Z` and `-`, which includes every registered method. Case-sensitive (section 9.1).
    package init?(_ name: Span<UInt8>) {
        guard (1...24).contains(name.count), Self.letters.containsAll(name) else { return nil }
        for method in Self.known where name.elementsEqual(method.rawValue) {
            self = method
            return
        }
        self = .other(String(decoding: name.indices.map { name[$0] }, as: UTF8.self))
    }

    package var rawValue: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other(let name): name
        }
    }

    package static let letters = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
}

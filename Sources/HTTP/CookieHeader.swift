/// A `Cookie` header (RFC 6265 section 5.4), read for single names. Odd pairs are passed over: they are other
/// programs' cookies and none of our business.
package struct CookieHeader: Sendable {
    private let pairs: Substring.UTF8View

    /// The one `Cookie` header of a request, or nothing.
    package init(_ headers: HTTPHeaders) {
        pairs = Substring(headers["Cookie"] ?? "").utf8
    }

    package enum Lookup: Sendable, Equatable {
        case absent
        case one(String)
        /// Two cookies of one name, from different paths or domains: nobody can tell which is meant.
        case several
    }

    package func lookUp(_ name: String) -> Lookup {
        var found: Lookup = .absent
        for (key, value) in split() where key.elementsEqual(name.utf8) {
            guard found == .absent else { return .several }
            found = .one(String(Substring(value)))
        }
        return found
    }

    package subscript(name: String) -> String? {
        if case .one(let value) = lookUp(name) { value } else { nil }
    }

    /// The names that begin with `prefix`, in order.
    package func names(withPrefix prefix: String) -> [String] {
        split().filter { $0.key.starts(with: prefix.utf8) }.map { String(Substring($0.key)) }
    }

    private func split() -> [(key: Substring.UTF8View, value: Substring.UTF8View)] {
        pairs.split(separator: UInt8(ascii: ";")).compactMap { piece in
            let pair = piece.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (pair[..<equals], pair[pair.index(after: equals)...])
        }
    }
}

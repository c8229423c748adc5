/// A `Cookie` header (RFC 6265 section 5.4), read for single names. Odd pairs are passed over: they are other
/// programs' cookies and none of our business.
package struct CookieHeader: Sendable {
    private let bytes: ArraySlice<UInt8>

    /// The one `Cookie` header of a request, or nothing.
    package init(_ headers: HTTPHeaders) {
        bytes = if case .one(let value) = headers.lookUpBytes("Cookie") { value } else { [] }
    }

    package enum Lookup: Sendable, Equatable {
        case absent
        case one(ArraySlice<UInt8>)
        /// Two cookies of one name, from different paths or domains: nobody can tell which is meant.
        case several
    }

    package func lookUp(_ name: String) -> Lookup {
        var found: Lookup = .absent
        var pairs = Pairs(rest: bytes)
        while let (key, value) = pairs.next() {
            guard key.count == name.utf8.count, key.elementsEqual(name.utf8) else { continue }
            guard found == .absent else { return .several }
            found = .one(value)
        }
        return found
    }

    /// The value of a cookie that came exactly once.
    package subscript(name: String) -> ArraySlice<UInt8>? {
        if case .one(let value) = lookUp(name) { value } else { nil }
    }

    /// The names that begin with `prefix`, in order.
    package func names(withPrefix prefix: String) -> [String] {
        var names: [String] = []
        var pairs = Pairs(rest: bytes)
        while let (key, _) = pairs.next() {
            guard key.starts(with: prefix.utf8) else { continue }
            names.append(String(decoding: key, as: UTF8.self))
        }
        return names
    }

    private struct Pairs {
        var rest: ArraySlice<UInt8>

        mutating func next() -> (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
                let pair = rest[..<end].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                rest = end == rest.endIndex ? [] : rest[(end + 1)...]
                if let equals = pair.firstIndex(of: UInt8(ascii: "=")) {
                    return (pair[..<equals], pair[(equals + 1)...])
                }
            }
            return nil
        }
    }
}

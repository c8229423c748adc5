/// A `Cookie` header (RFC 6265 section 5.4). Malformed pairs are skipped: they may be cookies of other programs.
package struct CookieHeader: Sendable {
    private let bytes: ArraySlice<UInt8>

    /// Empty where a request has no `Cookie` header or several.
    package init(_ headers: borrowing HTTPHeaders) {
        bytes = if case .one(let value) = headers.lookUpBytes(.cookie) { value } else { [] }
    }

    package enum Lookup: Sendable, Equatable {
        case absent
        case one(ArraySlice<UInt8>)
        /// Two cookies of one name, from different paths or domains: the right one is not known.
        case several
    }

    package func lookUp(_ name: String) -> Lookup {
        let text = bytes.span
        let name = name.utf8.span
        var found: Range<Int>?
        var position = 0
        while let (key, value) = Self.next(in: text, from: &position) {
            guard text.extracting(key).elementsEqual(name) else { continue }
            guard found == nil else { return .several }
            found = value
        }
        return found.map { .one(bytes[$0.shifted(by: bytes.startIndex)]) } ?? .absent
    }

    /// The value of a cookie that occurs exactly once.
    package subscript(name: String) -> ArraySlice<UInt8>? {
        if case .one(let value) = lookUp(name) { value } else { nil }
    }

    /// The names that begin with `prefix`, in order.
    package func names(withPrefix prefix: String) -> [String] {
        let text = bytes.span
        var names: [String] = []
        var position = 0
        while let (key, _) = Self.next(in: text, from: &position) {
            let name = bytes[key.shifted(by: bytes.startIndex)]
            if name.starts(with: prefix.utf8) { names.append(String(decoding: name, as: UTF8.self)) }
        }
        return names
    }

    /// The next pair's positions in `text`.
    private static func next(
        in text: borrowing Span<UInt8>, from position: inout Int
    ) -> (key: Range<Int>, value: Range<Int>)? {
        while position < text.count {
            var start = position
            // No search for each semicolon of a run: the cost stays linear.
            if text[start] == UInt8(ascii: ";") {
                position += 1
                continue
            }
            let end = text.firstIndex(of: UInt8(ascii: ";"), from: start)
            position = end + 1
            while start < end, text[start] == UInt8(ascii: " ") || text[start] == UInt8(ascii: "\t") { start += 1 }
            var equals = start
            while equals < end, text[equals] != UInt8(ascii: "=") { equals += 1 }
            if equals < end { return (start..<equals, equals + 1..<end) }
        }
        return nil
    }
}

extension Range<Int> {
    fileprivate func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}

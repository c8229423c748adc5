import SecretMemory

/// A target in absolute form, `http://host/path` (RFC 9112 section 3.2.2). Clients send it to proxies, and a server has to
/// accept it too.
package struct AbsoluteForm: Sendable {
    /// In lower case.
    package let authority: [UInt8]
    /// The same target in origin form.
    package let target: RequestTarget

    private static let schemes = ["http://", "https://"].map { Array($0.utf8) }

    /// Nil for a target in any other form.
    package init?(_ raw: borrowing Span<UInt8>) throws(RequestTarget.Refusal) {
        var start = 0
        for scheme in Self.schemes where raw.count >= scheme.count {
            if HTTPHeaders.equal(raw.extracting(first: scheme.count), scheme.span) { start = scheme.count }
        }
        guard start > 0 else { return nil }
        var end = start
        while end < raw.count, raw[end] != UInt8(ascii: "/"), raw[end] != UInt8(ascii: "?") { end += 1 }
        authority = (start..<end).map { HTTPHeaders.lowered(raw[$0]) }
        var rest = (end..<raw.count).map { raw[$0] }
        // It may hold a login code.
        defer { rest.cleanse() }
        if rest.first != UInt8(ascii: "/") { rest.insert(UInt8(ascii: "/"), at: 0) }
        target = try RequestTarget(SecretBytes(rest))
    }
}

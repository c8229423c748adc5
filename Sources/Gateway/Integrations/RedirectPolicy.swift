import HTTP

/// The whole policy for addresses that a browser is sent to on a request's word: `url` of a deep link and `rd`.
///
/// A value passes when, under WHATWG rules (<https://url.spec.whatwg.org/>), it can only resolve to one of our own
/// origins: it is a path that begins with exactly one slash, or one of the origins to the letter with a path behind it.
/// Tab, CR, LF and backslash are what browsers drop or turn into slashes, so any of them refuses the whole value.
struct RedirectPolicy: Sendable {
    private let origins: [String]

    static let maximumLength = 2048

    init(origins: [WebOrigin]) { self.origins = origins.map(\.description) }

    /// Blanks and everything beyond ASCII percent-encoded, as browsers do with what they are given; all else stays, for
    /// `accept` to judge.
    static func encoded(_ value: String) -> String {
        PercentEncoding.encode(value, keeping: ByteSet(0x00...0x7f).subtracting(" "))
    }

    /// The value itself, byte for byte, or nil.
    func accept(_ value: String) -> String? {
        let bytes = value.utf8
        guard bytes.count <= Self.maximumLength,
            bytes.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        if value.hasPrefix("/") { return Self.isPlain(value[...]) ? value : nil }
        for origin in origins where value.hasPrefix(origin) {
            let rest = value.dropFirst(origin.count)
            if rest.isEmpty || "/?#".contains(rest.first ?? "/") { return Self.isPlain(rest) ? value : nil }
        }
        return nil
    }

    /// Whether the path cannot become one that begins with two slashes: an app that sends the browser to its own path, to
    /// add a slash to it, would send it to another site.
    private static func isPlain(_ rest: Substring) -> Bool {
        let path = rest.prefix { $0 != "?" && $0 != "#" }
        if path.hasPrefix("//") { return false }
        guard path.contains("//") else { return true }
        return !path.split(separator: "/").contains {
            [".", ".."].contains($0.lowercased().replacing("%2e", with: "."))
        }
    }
}

import HTTP

/// The whole policy for redirect targets that come from a request: `url` of a deep link and `rd`.
///
/// A value is accepted when, under WHATWG rules (<https://url.spec.whatwg.org/>), it can only resolve to one of our own
/// origins: a path that begins with exactly one slash, or exactly one of the origins followed by a path. Browsers drop tab,
/// CR and LF and read a backslash as a slash, so a value with any of them is refused.
struct RedirectPolicy: Sendable {
    private let origins: [String]

    static let maximumLength = 2048

    init(origins: [WebOrigin]) { self.origins = origins.map(\.description) }

    /// Percent-encodes blanks and all bytes beyond ASCII, as browsers do. All else stays for `accept` to check.
    static func encoded(_ value: String) -> String {
        PercentEncoding.encode(value, keeping: ByteSet(0x00...0x7f).subtracting(" "))
    }

    /// The unchanged value, or nil for a refused one.
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

    /// Whether no reading of the path begins with two slashes. An app that redirects to its own path, for example to add a
    /// slash, would redirect such a path to another site.
    private static func isPlain(_ rest: Substring) -> Bool {
        let path = rest.prefix { $0 != "?" && $0 != "#" }
        if path.hasPrefix("//") { return false }
        guard path.contains("//") else { return true }
        return !path.split(separator: "/").contains {
            [".", ".."].contains($0.lowercased().replacing("%2e", with: "."))
        }
    }
}

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
        if value.hasPrefix("/") { return value.hasPrefix("//") ? nil : value }
        let isOwn = origins.contains { origin in
            guard value.hasPrefix(origin) else { return false }
            let rest = value.dropFirst(origin.count)
            return rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("?") || rest.hasPrefix("#")
        }
        return isOwn ? value : nil
    }
}

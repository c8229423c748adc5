import HTTP

/// The whole policy for redirect targets that come from a request: `url` of a deep link and `rd`.
///
/// A value is accepted when, under WHATWG rules (<https://url.spec.whatwg.org/>), it can only resolve to one of our own
/// origins: a path that begins with exactly one slash, or exactly one of the origins followed by a path. Browsers drop tab,
/// CR and LF and read a backslash as a slash, so a value with any of them is refused.
struct RedirectPolicy: Sendable {
    private let origins: [String]
    private let excepted: [[UInt8]]

    static let maximumLength = 2048

    /// `excepted`: paths of the gateway that begin or finish a login. A login that led there would go in circles.
    init(origins: [WebOrigin], except excepted: [String] = []) {
        self.origins = origins.map(\.description)
        self.excepted = excepted.map { Array($0.utf8) }
    }

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
        if value.hasPrefix("/") { return isTarget(value[...]) ? value : nil }
        for origin in origins where value.hasPrefix(origin) {
            let rest = value.dropFirst(origin.count)
            if rest.isEmpty || "/?#".contains(rest.first ?? "/") { return isTarget(rest) ? value : nil }
        }
        return nil
    }

    private func isTarget(_ rest: Substring) -> Bool { Self.isPlain(rest) && !isExcepted(rest) }

    /// By the path decoded once and without a slash at its end, as the gateway's routes compare it.
    private func isExcepted(_ rest: Substring) -> Bool {
        guard !excepted.isEmpty else { return false }
        var path = PercentEncoding.decodeWherePossible(Array(rest.utf8.prefix { !"?#".utf8.contains($0) }))
        if path.last == UInt8(ascii: "/") { path.removeLast() }
        // A browser resolves dot segments, also encoded ones.
        let hasDots = path.split(separator: UInt8(ascii: "/")).contains {
            $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8)
        }
        return hasDots || excepted.contains(path)
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

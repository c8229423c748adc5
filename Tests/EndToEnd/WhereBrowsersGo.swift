/// Where a redirect leads a browser that is on a page of `https://app.example.test`, by the URL standard's own states
/// (<https://url.spec.whatwg.org/#concept-basic-url-parser>). Written for tests alone, and itself held against what
/// Chromium makes of the published values.
enum WhereBrowsersGo {
    static func isHome(_ location: String) -> Bool {
        var text = Array(location.unicodeScalars)
        while let first = text.first, first.value <= 0x20 { text.removeFirst() }
        while let last = text.last, last.value <= 0x20 { text.removeLast() }
        text.removeAll { $0 == "\t" || $0 == "\n" || $0 == "\r" }
        if let scheme = scheme(of: text) {
            guard scheme == "https" else { return false }
            text.removeFirst(scheme.count + 1)
        }
        guard text.count >= 2, isSlash(text[0]), isSlash(text[1]) else {
            // A path, a query or a fragment of the page that the browser is on.
            return true
        }
        let authority = text.drop(while: isSlash).prefix { !isSlash($0) && $0 != "?" && $0 != "#" }
        let address = String(String.UnicodeScalarView(authority))
        // An address with a user, a port or another spelling of the host is refused, so its target is not needed.
        return ["app.example.test", "app.example.test:443"].contains(address.lowercased())
    }

    private static func isSlash(_ scalar: Unicode.Scalar) -> Bool { scalar == "/" || scalar == "\\" }

    private static func scheme(of text: [Unicode.Scalar]) -> String? {
        guard let colon = text.firstIndex(of: ":"), let first = text.first, first.properties.isAlphabetic, first.isASCII
        else { return nil }
        let name = text[..<colon]
        guard
            name.allSatisfy({
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789+-.".unicodeScalars.contains($0))
            })
        else { return nil }
        return String(String.UnicodeScalarView(name)).lowercased()
    }
}

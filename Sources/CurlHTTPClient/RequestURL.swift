import CCurl
import HTTP

/// A URL that may be asked: `https`, or `http` to this machine. No other maker exists than the check.
///
/// The host is read by libcurl's own parser, and `text` is what that parser writes back, so what was checked and what
/// is connected to cannot be two hosts.
struct RequestURL: Sendable {
    let text: String
    /// Scheme, host and port as `text` has them.
    let origin: String
    /// Plain `http`: whoever connects must still see that the address is a loopback one.
    let isPlain: Bool

    init(_ text: String) throws(HTTPClientError) {
        isPlain = text.hasPrefix("http://")
        guard isPlain || text.hasPrefix("https://"), Self.allowed.containsAll(text) else { throw .urlRefused }
        let authority = text.utf8.dropFirst(isPlain ? 7 : 8).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?")
        }
        // No userinfo and no percent-encoded host: parsers differ about both.
        guard !authority.isEmpty, authority.allSatisfy(Self.hostOrPort.contains) else { throw .urlRefused }

        guard let url = unsafe curl_url() else { throw .cannotConnect }
        defer { unsafe curl_url_cleanup(url) }
        guard unsafe curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let host = unsafe Self.part(CURLUPART_HOST, of: url), unsafe Self.part(CURLUPART_ZONEID, of: url) == nil,
            let normal = unsafe Self.part(CURLUPART_URL, of: url),
            unsafe Self.part(CURLUPART_SCHEME, of: url) == (isPlain ? "http" : "https"),
            !isPlain || Self.isLoopback(host: host)
        else { throw .urlRefused }
        self.text = normal
        origin = "\(isPlain ? "http" : "https")://\(String(Substring(authority)))"
    }

    /// `localhost` is safe because libcurl (since 7.78) answers that name itself and never asks a resolver.
    private static func isLoopback(host: String) -> Bool {
        if HTTPHeaders.equal(host, "localhost") || host == "[::1]" { return true }
        guard let address = IPAddress(host) else { return false }
        return address.isV4 && address.isLoopback
    }

    private static let allowed = ByteSet.visible.subtracting("\\#")
    private static let hostOrPort = ByteSet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]")

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(url, part, &text, 0) == CURLUE_OK, let text = unsafe text else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}

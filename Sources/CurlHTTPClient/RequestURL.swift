import CCurl
import HTTP
import Locking

/// A URL that the client may request: `https`, or `http` to this machine. Only the check makes one.
///
/// libcurl's own parser reads the host, from the same bytes with which libcurl connects: the checked host and the connected
/// host cannot differ.
struct RequestURL: Sendable {
    let text: String
    /// Scheme, host and port, as they stand at the beginning of `text`.
    let origin: String
    /// Plain `http`: the connection's address must be checked to be a loopback address.
    let isPlain: Bool
    /// The host is `localhost` or a loopback address: such requests go through no proxy.
    let isLoopback: Bool

    init(_ text: String) throws(HTTPClientError) {
        isPlain = text.utf8.starts(with: "http://".utf8)
        guard isPlain || text.utf8.starts(with: "https://".utf8), Self.allowed.containsAll(text) else {
            throw .urlRefused
        }
        self.text = text
        if let known = Self.accepted(text) {
            (origin, isLoopback) = known
            return
        }
        let authority = text.utf8.dropFirst(isPlain ? 7 : 8).prefix(while: Self.isAuthority)
        // No userinfo and no percent-encoded host: parsers differ about both.
        guard !authority.isEmpty, authority.allSatisfy(Self.hostOrPort.contains) else { throw .urlRefused }
        origin = String(text[..<authority.endIndex])
        isLoopback = try Self.check(origin, isPlain: isPlain)
    }

    /// Origins are few, so accepted ones are remembered. The limit bounds the memory.
    private static let accepted = Locked<[(origin: String, isLoopback: Bool)]>([])
    private static let maximumAccepted = 64

    /// The accepted origin with which a URL begins.
    private static func accepted(_ text: String) -> (origin: String, isLoopback: Bool)? {
        let bytes = text.utf8.span
        return accepted.withLock { accepted in
            accepted.first { origin, _ in
                let end = origin.utf8.count
                return bytes.extracting(first: end).elementsEqual(origin)
                    && (end >= bytes.count || !isAuthority(bytes[end]))
            }
        }
    }

    private static func isAuthority(_ byte: UInt8) -> Bool { byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") }

    /// Whether the host is a loopback host.
    private static func check(_ origin: String, isPlain: Bool) throws(HTTPClientError) -> Bool {
        guard let url = unsafe curl_url() else { throw .cannotConnect }
        defer { unsafe curl_url_cleanup(url) }
        guard unsafe curl_url_set(url, CURLUPART_URL, origin, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let host = unsafe part(CURLUPART_HOST, of: url), unsafe part(CURLUPART_ZONEID, of: url) == nil,
            unsafe part(CURLUPART_SCHEME, of: url) == (isPlain ? "http" : "https")
        else { throw .urlRefused }
        let isLoopback = isLoopback(host: host)
        guard isLoopback || !isPlain else { throw .urlRefused }
        accepted.withLock { accepted in
            if accepted.count >= maximumAccepted { accepted = [] }
            accepted.append((origin, isLoopback))
        }
        return isLoopback
    }

    /// `localhost` is safe because libcurl (since 7.78) resolves that name itself to loopback.
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

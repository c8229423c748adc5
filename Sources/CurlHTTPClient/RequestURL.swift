import CCurl
import HTTP
import Locking

/// A URL that may be asked: `https`, or `http` to this machine. No other maker exists than the check.
///
/// Its host is read by libcurl's own parser, from the very bytes that libcurl connects by, so what was checked and what
/// is connected to cannot be two hosts.
struct RequestURL: Sendable {
    let text: String
    /// Scheme, host and port, as they stand at the beginning of `text`.
    let origin: String
    /// Plain `http`: whoever connects must still see that the address is a loopback one.
    let isPlain: Bool

    init(_ text: String) throws(HTTPClientError) {
        isPlain = text.utf8.starts(with: "http://".utf8)
        guard isPlain || text.utf8.starts(with: "https://".utf8), Self.allowed.containsAll(text) else {
            throw .urlRefused
        }
        self.text = text
        if let known = Self.passed(text) {
            origin = known
            return
        }
        let authority = text.utf8.dropFirst(isPlain ? 7 : 8).prefix(while: Self.isAuthority)
        // No userinfo and no percent-encoded host: parsers differ about both.
        guard !authority.isEmpty, authority.allSatisfy(Self.hostOrPort.contains) else { throw .urlRefused }
        origin = String(text[..<authority.endIndex])
        try Self.check(origin, isPlain: isPlain)
    }

    /// Origins are few and asked for often, so those that passed are remembered, up to a number that bounds the memory.
    private static let passed = Locked<[String]>([])
    private static let mostRemembered = 64

    /// Which of them a URL begins with, if any.
    private static func passed(_ text: String) -> String? {
        let bytes = text.utf8.span
        return passed.withLock { passed in
            passed.first { origin in
                let end = origin.utf8.count
                return bytes.extracting(first: end).elementsEqual(origin)
                    && (end >= bytes.count || !isAuthority(bytes[end]))
            }
        }
    }

    private static func isAuthority(_ byte: UInt8) -> Bool { byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") }

    private static func check(_ origin: String, isPlain: Bool) throws(HTTPClientError) {
        guard let url = unsafe curl_url() else { throw .cannotConnect }
        defer { unsafe curl_url_cleanup(url) }
        guard unsafe curl_url_set(url, CURLUPART_URL, origin, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let host = unsafe part(CURLUPART_HOST, of: url), unsafe part(CURLUPART_ZONEID, of: url) == nil,
            unsafe part(CURLUPART_SCHEME, of: url) == (isPlain ? "http" : "https"),
            !isPlain || isLoopback(host: host)
        else { throw .urlRefused }
        passed.withLock { passed in
            if passed.count >= mostRemembered { passed = [] }
            passed.append(origin)
        }
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

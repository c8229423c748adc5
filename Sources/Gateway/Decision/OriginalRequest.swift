import HTTP

/// The request that a proxy wants a decision about, read only from the headers of its dialect.
///
/// Its parts are ranges of one text, the decision request's head; rewritten parts are appended to that.
package struct OriginalRequest: Sendable {
    package enum Refusal: Error, Sendable, Equatable {
        case missing(String)
        case repeated(String)
        /// A header that only another dialect uses, or another spelling of a header of this one.
        case foreign(String)
        /// `Connection` lists a header that the decision depends on.
        case hopByHop(String)
        case scheme
        case method
        case host
        case path(RequestPath.Refusal)
        /// Neither the public host nor one that a rule names.
        case unknownHost

        /// A stable word for logs and answers.
        package var reason: String {
            switch self {
            case .missing(let name): "missing_\(name.lowercased())"
            case .repeated(let name): "doubled_\(name.lowercased())"
            case .foreign: "foreign_header"
            case .hopByHop: "hop_by_hop_header"
            case .method: "method"
            case .scheme: "scheme"
            case .host: "host"
            case .path(let refusal): refusal.rawValue
            case .unknownHost: "unknown_host"
            }
        }
    }

    package let path: RequestPath
    private let text: [UInt8]
    private let methodPlace: Range<Int>
    /// Lower case, without port and trailing dot.
    private let hostPlace: Range<Int>
    private let targetPlace: Range<Int>

    package init(method: String, host: String, target: String) throws(Refusal) {
        var text: [UInt8] = []
        let (method, host, target) = (text.put(method.utf8), text.put(host.utf8), text.put(target.utf8))
        try self.init(text, method: method, host: host, target: target)
    }

    init(_ text: [UInt8], method: Range<Int>, host: Range<Int>, target: Range<Int>) throws(Refusal) {
        var text = text
        guard (1...24).contains(method.count), HTTPMethod.letters.containsAll(text.span.extracting(method)) else {
            throw .method
        }
        switch Self.canonical(text.span.extracting(host)) {
        case nil: throw .host
        case .within(let name): hostPlace = host.lowerBound + name.lowerBound..<host.lowerBound + name.upperBound
        case .folded(let name): hostPlace = text.put(name)
        }
        do { path = try RequestPath(in: text, target: target) } catch { throw .path(error) }
        self.text = text
        methodPlace = method
        targetPlace = target
    }

    package var method: String { String(decoding: text[methodPlace], as: UTF8.self) }
    /// Whether it only reads: `GET` or `HEAD`.
    var isRead: Bool { method == "GET" || method == "HEAD" }
    /// Whether it can be a form: browsers send those that change something with no other method.
    var isForm: Bool { method == "POST" }

    static let usualMethods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// The method, and those that an application may see instead. Applications answer `HEAD` as `GET`, and proxies send a
    /// `GET` for the `CONNECT` that opens a WebSocket over HTTP/2 and HTTP/3 (RFC 8441 section 5). Many applications treat an
    /// unknown method, one that is not in `named`, as `GET` or `POST`.
    func methods(named: Set<String>) -> [String] {
        let method = method
        if method == "HEAD" || method == "CONNECT" { return [method, "GET"] }
        return named.contains(method) ? [method] : [method, "GET", "POST"]
    }

    package var host: String { String(decoding: hostBytes, as: UTF8.self) }
    var hostBytes: ArraySlice<UInt8> { text[hostPlace] }
    /// `host`: in canonical form.
    func isFor(host: [UInt8]) -> Bool { hostBytes.elementsEqual(host) }

    /// Path and query as the client sent them.
    package var target: String { String(decoding: text[targetPlace], as: UTF8.self) }

    /// `target` for the redirect after signing in: bytes that an address may not contain are percent-encoded.
    var returnTarget: String { PercentEncoding.encode(text[targetPlace], keeping: Self.returned) }

    private static let returned = ByteSet.visible.subtracting("\\#")

    package static func canonical(_ host: String) -> String? {
        switch canonical(host.utf8.span) {
        case nil: nil
        case .within(let name): String(decoding: Array(host.utf8)[name], as: UTF8.self)
        case .folded(let name): String(decoding: name, as: UTF8.self)
        }
    }

    private enum CanonicalHost {
        /// A range of the given text.
        case within(Range<Int>)
        case folded([UInt8])
    }

    /// `EXAMPLE.com.:443` and `example.com` are one host.
    private static func canonical(_ host: Span<UInt8>) -> CanonicalHost? {
        if WebOrigin.isHost(host) { return .within(0..<host.count) }
        var count = host.count
        if count > 0, host[count - 1] != UInt8(ascii: "]"),
            let colon = host.indices.last(where: { host[$0] == UInt8(ascii: ":") })
        {
            guard HostSyntax.isPort(host.extracting(droppingFirst: colon + 1)) else { return nil }
            count = colon
        }
        if count > 0, host[count - 1] == UInt8(ascii: ".") { count -= 1 }
        if WebOrigin.isHost(host.extracting(first: count)) { return .within(0..<count) }
        // Bytes are folded, not characters: U+212A is a `k` in lower case.
        let folded = (0..<count).map { HTTPHeaders.lowered(host[$0]) }
        return WebOrigin.isHost(folded.span) ? .folded(folded) : nil
    }
}

extension Array<UInt8> {
    /// Adds a text. Returns where it is.
    mutating func put(_ text: some Collection<UInt8>) -> Range<Int> {
        append(contentsOf: text)
        return count - text.count..<count
    }
}

import HTTP
import SecretMemory
import Untrusted

/// A request's line and headers, checked for everything that two programs could read differently (RFC 9112 sections 2 to 6).
/// libmicrohttpd 0.9 does not check this.
struct RequestHead {
    /// With an empty body.
    let request: HTTPRequest
    /// In bytes; nil for a chunked body.
    let contentLength: Int?

    static let maximumHeaders = 100
    /// libmicrohttpd's memory for a field beside its text. In bytes.
    static let fieldOverhead = 64

    /// `isPlainlySpelled`: every received byte belongs to a part or is the expected delimiter.
    /// `areValuesPlain`: no field has a control byte but tabs.
    init(
        method: Span<UInt8>, version: Span<UInt8>, target raw: SecretBuffer, headers: HTTPHeaders,
        isPlainlySpelled: Bool, areValuesPlain: Bool, peer: PeerAddress, peerUserID: UInt32? = nil
    ) throws(MalformedRequest.Reason) {
        guard let known = HTTPMethod(method) else { throw .method }
        guard version.elementsEqual("HTTP/1.1") || version.elementsEqual("HTTP/1.0")
        else { throw .version }
        guard headers.count <= Self.maximumHeaders else { throw .headTooLarge }
        guard isPlainlySpelled else { throw .spelling }
        let (target, authority) = try Self.target(raw, of: known)
        try Self.checkNames(headers)
        guard areValuesPlain else { throw .headerValue }
        guard !DecidingHeaders.condition.holdsForRepeated(headers) else { throw .duplicateHeader }
        let isOld = version.elementsEqual("HTTP/1.0")
        guard Self.hasHost(headers, isOptional: isOld, equalTo: authority) else { throw .host }
        contentLength = try Self.bodyLength(headers, isOld: isOld)
        request = HTTPRequest(
            method: known, target: target, headers: headers, body: .empty, peer: peer, peerUserID: peerUserID)
    }

    /// The target, and the authority of a target in absolute form.
    private static func target(
        _ raw: SecretBuffer, of method: HTTPMethod
    ) throws(MalformedRequest.Reason) -> (RequestTarget, [UInt8]?) {
        do {
            let absolute = try raw.withSpan { (bytes) throws(RequestTarget.Refusal) in try AbsoluteForm(bytes) }
            if let absolute { return (absolute.target, absolute.authority) }
            return (try RequestTarget(raw), nil)
        } catch {
            // A CONNECT names a host and no path (RFC 9112 section 3.2.3).
            if case .other = method { throw .method }
            throw .target
        }
    }

    private static let framing = KnownHeaders(.contentLength, .transferEncoding, .contentEncoding)

    /// The length of the body (RFC 9112 section 6.3); nil for chunked.
    private static func bodyLength(_ headers: HTTPHeaders, isOld: Bool) throws(MalformedRequest.Reason) -> Int? {
        guard !headers.hasNone(of: framing) else { return 0 }
        let length = headers.lookUp(.contentLength)
        // No content coding has this name (RFC 9110 section 8.4.1), but a lax server takes it for the framing.
        if headers.contains("chunked", in: .contentEncoding) { throw .transferEncoding }
        switch headers.lookUp(.transferEncoding) {
        case .absent: break
        // Transfer codings compare without regard to case (RFC 9112 section 7).
        case .one(let coding) where coding.lowercasedASCII == "chunked":
            // In HTTP/1.0 this framing is not reliable (RFC 9112 section 6.1).
            guard length == .absent, !isOld else { throw .transferEncoding }
            return nil
        default: throw .transferEncoding
        }
        guard case .one(let digits) = length else { return 0 }
        guard (1...10).contains(digits.count), ByteSet.digits.containsAll(digits.bytes.span),
            let count = Int(digits.string)
        else { throw .contentLength }
        return count
    }

    private static func checkNames(_ headers: HTTPHeaders) throws(MalformedRequest.Reason) {
        let bytes = headers.bytes.span
        let places = headers.places.span
        for index in places.indices where places[index].known == nil {
            let name = bytes.extracting(places[index].name)
            guard FieldSyntax.isPlainName(name) || FieldSyntax.isName(name) && !isDisguised(name) else {
                throw .headerName
            }
        }
    }

    /// `Content_Length` is not `Content-Length` here, but programs that pass headers on as variables read it so (RFC 3875
    /// section 4.1.18).
    private static func isDisguised(_ name: Span<UInt8>) -> Bool {
        guard name.indices.contains(where: { name[$0] == UInt8(ascii: "_") }) else { return false }
        let plain = name.indices.map { name[$0] == UInt8(ascii: "_") ? UInt8(ascii: "-") : name[$0] }
        return DecidingHeaders.condition.holds(plain.span)
    }

    /// Whether `Host` is `name`, `name:port` or `[v6]:port` (RFC 9110 section 7.2). `isOptional`: for HTTP/1.0.
    /// `authority`: of a target in absolute form. It must equal `Host`: a proxy that uses one and a server that uses the
    /// other would see two sites.
    private static func hasHost(_ headers: HTTPHeaders, isOptional: Bool, equalTo authority: [UInt8]?) -> Bool {
        guard headers.has(.host) else { return isOptional && authority == nil }
        guard case .one(let place) = headers.lookUpPlace(.host) else { return false }
        let host = headers.bytes.span.extracting(place)
        guard (1...260).contains(host.count) else { return false }
        if let authority, !HTTPHeaders.equal(host, authority.span) { return false }
        if host[0] == UInt8(ascii: "[") {
            let end = host.firstIndex(of: UInt8(ascii: "]"))
            let address = host.extracting(1..<end)
            return end < host.count && isEndOrPort(host.extracting(droppingFirst: end + 1))
                && IPAddress(String(decoding: address.indices.map { address[$0] }, as: UTF8.self)) != nil
        }
        let end = host.firstIndex(of: UInt8(ascii: ":"))
        return HostSyntax.isName(host.extracting(first: end)) && isEndOrPort(host.extracting(droppingFirst: end))
    }

    private static func isEndOrPort(_ rest: Span<UInt8>) -> Bool {
        rest.isEmpty || rest[0] == UInt8(ascii: ":") && HostSyntax.isPort(rest.extracting(droppingFirst: 1))
    }
}

/// Headers that decide something: each may occur once, in one spelling. `X-Forwarded-For` too, although it is a list.
private enum DecidingHeaders {
    private static let names = HeaderNames([
        "host", "cookie", "content-length", "transfer-encoding", "content-type", "content-encoding", "authorization",
        "origin", "referer", "upgrade", "expect", "idempotency-key", "x-requested-with", "forwarded", "traceparent",
    ])
    private static let families = HeaderNames([
        "x-forwarded-", "x-original-", "x-vercel-", "sec-fetch-", "x-auth-", "x-sso-",
    ])

    static let condition = HeaderCondition { names.contains($0) || families.containsBeginning(of: $0) }
}

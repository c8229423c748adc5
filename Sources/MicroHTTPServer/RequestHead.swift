import HTTP
import SecretMemory

/// A request's line and headers, checked for everything that two programs could read differently: what libmicrohttpd
/// 0.9 leaves to its user (RFC 9112 sections 2 to 6).
struct RequestHead {
    /// With the head, but without a body.
    let request: HTTPRequest
    /// In bytes; nil for a chunked body.
    let contentLength: Int?

    static let maximumHeaders = 100

    /// `isPlainlySpelled`: every byte on the wire is in one of the parts, or is the delimiter that belongs there.
    init(
        method: Span<UInt8>, version: Span<UInt8>, target raw: SecretBuffer, headers: HTTPHeaders,
        isPlainlySpelled: Bool, peer: PeerAddress
    ) throws(MalformedRequest.Reason) {
        guard let known = HTTPMethod(method) else { throw .method }
        guard SameBytes.areSame(version, "HTTP/1.1".utf8.span) || SameBytes.areSame(version, "HTTP/1.0".utf8.span)
        else { throw .version }
        guard headers.count <= Self.maximumHeaders else { throw .headTooLarge }
        guard isPlainlySpelled else { throw .spelling }
        let target: RequestTarget
        do { target = try RequestTarget(raw) } catch { throw .target }
        try Self.checkFields(headers)
        guard case .one(let host) = headers.lookUpBytes(.host), Self.isHost(host) else { throw .host }
        contentLength = try Self.bodyLength(headers)
        request = HTTPRequest(method: known, target: target, headers: headers, body: .empty, peer: peer)
    }

    /// One answer to how long the body is (RFC 9112 section 6.3); nil for chunked.
    private static func bodyLength(_ headers: HTTPHeaders) throws(MalformedRequest.Reason) -> Int? {
        // Nearly every request says nothing of one.
        guard headers.has(.contentLength) || headers.has(.transferEncoding) || headers.has(.contentEncoding) else {
            return 0
        }
        let length = headers.lookUp(.contentLength)
        // No content coding has this name (RFC 9110 section 8.4.1), but a careless reader takes it for the framing.
        if let coding = headers[.contentEncoding], coding.lowercased().contains("chunked") {
            throw .transferEncoding
        }
        switch headers.lookUp(.transferEncoding) {
        case .absent: break
        case .one("chunked"):
            guard length == .absent else { throw .transferEncoding }
            return nil
        default: throw .transferEncoding
        }
        guard case .one(let digits) = length else { return 0 }
        guard (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(digits)
        else { throw .contentLength }
        return count
    }

    private static func checkFields(_ headers: HTTPHeaders) throws(MalformedRequest.Reason) {
        let bytes = headers.bytes.span
        let places = headers.places.span
        for index in places.indices {
            let name = bytes.extracting(places[index].name)
            guard
                places[index].known != nil || FieldSyntax.isPlainName(name)
                    || FieldSyntax.isName(name) && !isDisguised(name)
            else { throw .headerName }
            guard FieldSyntax.isValue(bytes.extracting(places[index].value)) else { throw .headerValue }
        }
        guard !DecidingHeaders.question.holdsForRepeated(headers) else { throw .duplicateHeader }
    }

    /// `Content_Length` is another header than `Content-Length` to us and the same one to programs that hand headers
    /// on as variables (RFC 3875 section 4.1.18).
    private static func isDisguised(_ name: Span<UInt8>) -> Bool {
        guard name.indices.contains(where: { name[$0] == UInt8(ascii: "_") }) else { return false }
        let plain = name.indices.map { name[$0] == UInt8(ascii: "_") ? UInt8(ascii: "-") : name[$0] }
        return DecidingHeaders.question.holds(plain.span)
    }

    /// `name`, `name:port`, `[v6]:port` and nothing else (RFC 9110 section 7.2).
    private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
        guard host.count <= 260 else { return false }
        if HostSyntax.isName(host.span) { return true }
        var name = host
        if host.last != UInt8(ascii: "]"), let colon = host.lastIndex(of: UInt8(ascii: ":")) {
            let port = host[(colon + 1)...]
            guard (1...5).contains(port.count), ByteSet.digits.containsAll(port) else { return false }
            name = host[..<colon]
        }
        if name.first == UInt8(ascii: "[") {
            let address = name.dropFirst().dropLast()
            return name.last == UInt8(ascii: "]") && IPAddress(String(decoding: address, as: UTF8.self)) != nil
        }
        return HostSyntax.isName(name.span)
    }
}

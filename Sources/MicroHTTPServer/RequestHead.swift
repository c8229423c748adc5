import HTTP
import SecretMemory

/// A request's line and headers, checked for everything that two programs could read differently: what libmicrohttpd
/// 0.9 leaves to its user (RFC 9112 sections 2 to 6).
struct RequestHead {
    let method: HTTPMethod
    let target: RequestTarget
    let headers: HTTPHeaders
    /// In bytes; nil for a chunked body.
    let contentLength: Int?

    static let maximumHeaders = 100

    /// `isPlainlySpelled`: every byte on the wire is in one of the parts, or is the delimiter that belongs there.
    init(
        method: String, version: String, target raw: SecretBytes, headers: HTTPHeaders, isPlainlySpelled: Bool
    ) throws(MalformedRequest.Reason) {
        guard let known = HTTPMethod(rawValue: method) else { throw .method }
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else { throw .version }
        guard headers.count <= Self.maximumHeaders else { throw .headTooLarge }
        guard isPlainlySpelled else { throw .spelling }
        do { target = try RequestTarget(raw) } catch { throw .target }
        try Self.checkFields(headers)
        guard case .one(let host) = headers.lookUpBytes("Host"), Self.isHost(host) else { throw .host }
        contentLength = try Self.bodyLength(headers)
        self.method = known
        self.headers = headers
    }

    /// One answer to how long the body is (RFC 9112 section 6.3); nil for chunked.
    private static func bodyLength(_ headers: HTTPHeaders) throws(MalformedRequest.Reason) -> Int? {
        let length = headers.lookUp("Content-Length")
        // No content coding has this name (RFC 9110 section 8.4.1), but a careless reader takes it for the framing.
        if let coding = headers["Content-Encoding"], coding.lowercased().contains("chunked") {
            throw .transferEncoding
        }
        switch headers.lookUp("Transfer-Encoding") {
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
        let token = ByteSet.token
        for (index, place) in headers.places.enumerated() {
            let name = bytes.extracting(place.name)
            guard !name.isEmpty, token.containsAll(name), !isDisguised(name) else { throw .headerName }
            guard isPlain(bytes.extracting(place.value)) else { throw .headerValue }
            guard index > 0, DecidingHeaders.contains(name) else { continue }
            for earlier in headers.places[..<index]
            where HTTPHeaders.equal(bytes.extracting(earlier.name), name) { throw .duplicateHeader }
        }
    }

    /// `Content_Length` is another header than `Content-Length` to us and the same one to programs that hand headers
    /// on as variables (RFC 3875 section 4.1.18).
    private static func isDisguised(_ name: Span<UInt8>) -> Bool {
        guard name.indices.contains(where: { name[$0] == UInt8(ascii: "_") }) else { return false }
        let plain = name.indices.map { name[$0] == UInt8(ascii: "_") ? UInt8(ascii: "-") : name[$0] }
        return DecidingHeaders.contains(plain.span)
    }

    /// No control byte but a tab (RFC 9110 section 5.5).
    private static func isPlain(_ value: Span<UInt8>) -> Bool {
        let words = unsafe value.bytes
        var start = 0
        while start + 8 <= value.count {
            guard isPlain(unsafe words.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)) else { break }
            start += 8
        }
        for position in start..<value.count {
            let byte = value[position]
            guard byte >= 0x20 && byte != 0x7f || byte == 0x09 else { return false }
        }
        return true
    }

    /// Eight bytes at once, of which most values have many: false for every control byte. Subtracting borrows from the
    /// highest bit of the bytes that are smaller than what is subtracted, and perhaps of one behind them.
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let control = (word &- 0x20 &* ones) & ~word
        let delete = word ^ 0x7f &* ones
        return (control | (delete &- ones) & ~delete) & (0x80 &* ones) == 0
    }

    /// `name`, `name:port`, `[v6]:port` and nothing else (RFC 9110 section 7.2).
    private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
        guard !host.isEmpty, host.count <= 260 else { return false }
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
        return !name.isEmpty && hostName.containsAll(name)
    }

    private static let hostName = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
}

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
        guard headers.fields.count <= Self.maximumHeaders else { throw .headTooLarge }
        guard isPlainlySpelled else { throw .spelling }
        do { target = try RequestTarget(raw) } catch { throw .target }
        for field in headers.fields {
            guard Self.isToken(field.name), !Self.isDisguised(field.name) else { throw .headerName }
            guard Self.isPlain(field.value) else { throw .headerValue }
        }
        try Self.checkDuplicates(headers)
        guard let host = headers["Host"], Self.isHost(host) else { throw .host }
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

    /// Headers that decide something come once. `X-Forwarded-For` is a list by nature but ours to read, so it too.
    private static let single: Set<String> = [
        "host", "cookie", "content-length", "transfer-encoding", "content-type", "content-encoding", "authorization",
        "origin", "referer", "upgrade", "expect", "idempotency-key", "x-requested-with", "forwarded", "traceparent",
    ]
    private static let singlePrefixes = ["x-forwarded-", "x-original-", "x-vercel-", "sec-fetch-", "x-auth-", "x-sso-"]

    private static func checkDuplicates(_ headers: HTTPHeaders) throws(MalformedRequest.Reason) {
        let fields = headers.fields
        for index in fields.indices.dropFirst() {
            let name = fields[index].name
            let isRepeated = fields[..<index].contains { HTTPHeaders.equal($0.name, name) }
            if isRepeated, decides(name.lowercased()) { throw .duplicateHeader }
        }
    }

    private static func decides(_ lower: String) -> Bool {
        single.contains(lower) || singlePrefixes.contains(where: lower.hasPrefix)
    }

    /// `Content_Length` is another header than `Content-Length` to us and the same one to programs that hand headers
    /// on as variables (RFC 3875 section 4.1.18).
    private static func isDisguised(_ name: String) -> Bool {
        name.utf8.contains(UInt8(ascii: "_"))
            && decides(String(name.lowercased().map { $0 == "_" ? "-" : $0 }))
    }

    /// RFC 9110 section 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
                    UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
                    true
                default: false
                }
            }
    }

    /// No control byte but a tab (RFC 9110 section 5.5).
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }

    /// `name`, `name:port`, `[v6]:port` and nothing else (RFC 9110 section 7.2).
    private static func isHost(_ host: String) -> Bool {
        guard !host.isEmpty, host.utf8.count <= 260 else { return false }
        var name = Substring(host)
        if let colon = name.lastIndex(of: ":"), name.last != "]" {
            let port = name[name.index(after: colon)...]
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return false
            }
            name = name[..<colon]
        }
        if name.hasPrefix("[") { return name.hasSuffix("]") && IPAddress(String(name.dropFirst().dropLast())) != nil }
        return !name.isEmpty && name.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != UInt8(ascii: "~") }
    }
}

import Foundation

/// A client of one site that speaks one version of HTTP, and a session for it.
struct Visit: Sendable {
    let site: ProxiedApp
    let version: WebProtocol
    /// Ben's, a read-only member.
    let cookie: String

    /// A request as a test writes it, whatever the version.
    struct Ask: Sendable {
        var method = "GET"
        var path: String
        var fields: [[String]] = []
        var body: String?
        /// Without a length: in chunks, or in frames alone.
        var hasNoLength = false
        var trailers: [[String]] = []
        var authority: String?
        var isSignedIn = true
        /// `:protocol` of an extended CONNECT (RFC 8441 section 4).
        var connects: String?
        /// See `RawClient.Request`.
        var then: String?
        var until: String?
    }

    /// What the app says it received.
    struct Received: Decodable {
        let method: String
        let path: String
        let headers: [[String]]
        let bodyLength: Int
        let bodyDigest: String

        private enum CodingKeys: String, CodingKey {
            case method, path, headers
            case bodyLength = "body_length"
            case bodyDigest = "body_sha256"
        }

        func values(_ name: String) -> [String] { headers.filter { $0[0].lowercased() == name }.map { $0[1] } }
    }

    static let navigation = [
        ["accept", "text/html,application/xhtml+xml"], ["sec-fetch-mode", "navigate"], ["sec-fetch-dest", "document"],
    ]

    var authority: String { "localhost:\(site.port)" }

    func send(_ ask: Ask, patience: Double = 10) async throws -> RawClient.Response {
        try await send([ask], patience: patience)[0]
    }

    func send(_ requests: [Ask], patience: Double = 10) async throws -> [RawClient.Response] {
        try await RawClient.send(requests.map(request), to: site, version, patience: patience)
    }

    /// Bytes of HTTP/1.1.
    func send(raw: String, as serverName: String = "localhost", then: String? = nil, until: String? = nil) async throws
        -> RawClient.Response
    {
        let request = RawClient.Request(raw: raw, then: then, until: until)
        return try await RawClient.send([request], to: site, .http1, as: serverName)[0]
    }

    /// What the app received, if the request reached it: nothing else answers in these words.
    static func received(_ response: RawClient.Response) -> Received? {
        try? JSONDecoder().decode(
            Received.self, from: Data(response.body.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }))
    }

    private func request(_ ask: Ask) -> RawClient.Request {
        // In capitals they would be malformed (RFC 9113 section 8.2.1).
        let own = version == .http1 ? ask.fields : ask.fields.map { [$0[0].lowercased(), $0[1]] }
        let fields = own + (ask.isSignedIn ? [["cookie", cookie]] : [])
        guard version == .http1 else {
            let pseudo =
                [[":method", ask.method], [":scheme", "https"], [":authority", ask.authority ?? authority]]
                + [[":path", ask.path]] + (ask.connects.map { [[":protocol", $0]] } ?? [])
            let length = ask.body.flatMap { ask.hasNoLength ? nil : [["content-length", "\($0.utf8.count)"]] } ?? []
            return RawClient.Request(
                headers: pseudo + fields + length, body: ask.body, trailers: ask.trailers.isEmpty ? nil : ask.trailers,
                dataAfter: ask.then, until: ask.until)
        }
        var head = "\(ask.method) \(ask.path) HTTP/1.1\r\nHost: \(ask.authority ?? authority)\r\n"
        for field in fields { head += "\(field[0]): \(field[1])\r\n" }
        var body = ask.body ?? ""
        if ask.hasNoLength {
            head += "Transfer-Encoding: chunked\r\n"
            let trailers = ask.trailers.map { "\($0[0]): \($0[1])\r\n" }.joined()
            body = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\(trailers)\r\n"
        } else if ask.body != nil {
            head += "Content-Length: \(body.utf8.count)\r\n"
        }
        return RawClient.Request(
            raw: head + "\r\n" + body, then: ask.then, head: ask.method == "HEAD" ? true : nil, until: ask.until)
    }
}

import HTTP
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing

@Suite struct RefusalTests {
    /// A request and what it is answered with. No reason: libmicrohttpd answers before anything reaches us.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let raw: [UInt8]
        let status: Int
        let reason: MalformedRequest.Reason?

        init(_ name: String, _ raw: String, _ status: Int, _ reason: MalformedRequest.Reason?) {
            testDescription = name
            self.raw = Array(raw.utf8)
            self.status = status
            self.reason = reason
        }

        /// A request with one good Host and `lines`.
        static func lines(
            _ name: String, _ lines: String, _ reason: MalformedRequest.Reason?, status: Int = 400, body: String = ""
        ) -> Row {
            Row(name, "POST /a HTTP/1.1\r\nHost: a.test\r\n\(lines)\r\n\r\n\(body)", status, reason)
        }

        static func line(_ name: String, _ line: String, _ status: Int, _ reason: MalformedRequest.Reason?) -> Row {
            Row(name, "\(line)\r\nHost: a.test\r\n\r\n", status, reason)
        }
    }

    static let requestLines: [Row] = [
        .line("TRACE", "TRACE / HTTP/1.1", 501, .method), .line("CONNECT", "CONNECT a.test:443 HTTP/1.1", 501, .method),
        .line("unknown method", "BREW / HTTP/1.1", 501, .method),
        .line("method in small letters", "get / HTTP/1.1", 501, .method),
        .line("HTTP 2.0", "GET / HTTP/2.0", 505, nil), .line("HTTP 0.9", "GET / HTTP/0.9", 505, nil),
        .line("HTTP 1.2", "GET / HTTP/1.2", 400, .version),
        .line("version in small letters", "GET / http/1.1", 400, nil),
        .line("no version", "GET /", 400, nil),
        .line("absolute target of another host", "GET http://b.test/ HTTP/1.1", 400, .host),
        .line("absolute target with a user", "GET http://a@a.test/ HTTP/1.1", 400, .host),
        .line("absolute target without a host", "GET http:///a HTTP/1.1", 400, .host),
        .line("absolute target with an odd path", "GET http://a.test/%00 HTTP/1.1", 400, .target),
        .line("absolute target of another scheme", "GET ftp://a.test/ HTTP/1.1", 400, .target),
        .line("asterisk", "OPTIONS * HTTP/1.1", 400, .target),
        .line("NUL behind percent", "GET /a%00b HTTP/1.1", 400, .target),
        .line("line end behind percent", "GET /a%0d%0ab HTTP/1.1", 400, .target),
        .line("half an escape", "GET /a%2 HTTP/1.1", 400, .target),
        .line("fragment", "GET /a#b HTTP/1.1", 400, .target),
        .line("raw byte", "GET /\u{e9} HTTP/1.1", 400, .target),
        .line("tab in target", "GET /a\tb HTTP/1.1", 400, .target),
        .line("two blanks", "GET  / HTTP/1.1", 400, .spelling), .line("blank at the end", "GET / HTTP/1.1 ", 400, nil),
        .line("NUL in target", "GET /a\0b HTTP/1.1", 400, .spelling),
    ]

    static let hosts: [Row] =
        [
            Row("no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n", 400, nil),
            Row("an empty Host in 1.0", "GET / HTTP/1.0\r\nHost:\r\n\r\n", 400, .host),
            Row("absolute target without Host", "GET http://a.test/ HTTP/1.0\r\nA: b\r\n\r\n", 400, .host),
            Row("two Hosts", "GET / HTTP/1.1\r\nHost: a.test\r\nhost: a.test\r\n\r\n", 400, .duplicateHeader),
        ]
        + [
            "", "a b", "a.test/", "a.test@b.test", "a.test:", "a.test:x", "a.test:123456", "a.test,b.test", "[::1",
            "[x]",
            "[::1]x", ":80", "a.test:80:80", "\"a\"", "a.test\\", "a%2etest", "a_~b", "http://a.test",
            String(repeating: "a", count: 261),
        ].map { Row("Host '\($0.prefix(20))'", "GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n", 400, .host) }

    static let fields: [Row] =
        [
            .lines("blank before the colon", "A : b", .headerName),
            // libmicrohttpd takes the line for the head's end, and what follows for a body or another request.
            .lines("empty name", ": b", .spelling),
            .lines("at in a name", "A@b: c", .headerName), .lines("byte over 127 in a name", "\u{e9}: b", .headerName),
            .lines("control byte in a name", "A\u{1}: b", .headerName),
            .lines("disguised length", "Content_Length: 0", .headerName),
            .lines("disguised identity", "X_Forwarded_For: 1.2.3.4", .headerName),
            .lines("no colon", "Abc", nil), .lines("NUL in a value", "A: b\0c", .spelling),
            .lines("NUL hidden by short colons", "A:1\r\nB:2\r\nC:3\r\nD: b\0cc", .spelling),
            .lines("NUL hidden by wide bytes", "A: \u{e9}\u{e9}\u{e9}\r\nD: b\0cc", .spelling),
            .lines("NUL in a name", "A\0b: c", nil), .lines("control byte in a value", "A: b\u{1}c", .headerValue),
            .lines("delete in a value", "A: b\u{7f}", .headerValue), .lines("CR in a value", "A: b\rc", .headerValue),
            .lines("folded line", "A: b\r\n c", .spelling), .lines("folded with a tab", "A: b\r\n\tc", .spelling),
            .lines("bare line feed", "A: b\nB: c", .spelling),
            .lines("101 fields", Array(repeating: "A: b", count: 100).joined(separator: "\r\n"), .headTooLarge),
        ]
        + [
            "Cookie", "Authorization", "Content-Type", "Content-Encoding", "Origin", "Referer", "Upgrade", "Expect",
            "Idempotency-Key", "X-Requested-With", "Forwarded", "traceparent", "X-Forwarded-For", "X-Forwarded-Host",
            "X-Forwarded-Proto", "X-Original-URL", "X-Vercel-Id", "Sec-Fetch-Site", "X-Auth-User", "X-SSO-User",
        ].map { .lines("two \($0)", "\($0): a\r\n\($0.uppercased()): a", .duplicateHeader) }

    static let framings: [Row] = [
        .lines("equal lengths", "Content-Length: 1\r\nContent-Length: 1", .duplicateHeader, body: "x"),
        .lines("different lengths", "Content-Length: 1\r\nContent-Length: 2", .duplicateHeader, body: "x"),
        .lines("list of lengths", "Content-Length: 1, 1", nil), .lines("negative length", "Content-Length: -1", nil),
        .lines("positive length", "Content-Length: +1", nil), .lines("no length", "Content-Length: ", nil),
        .lines("hexadecimal length", "Content-Length: 0x1", nil),
        .lines("length with a blank", "Content-Length: 1 ", nil),
        .lines("length of 11 digits", "Content-Length: 00000000001", .contentLength),
        .lines("absurd length", "Content-Length: 99999999999999999999", nil, status: 413),
        .lines("both framings", "Content-Length: 1\r\nTransfer-Encoding: chunked", .transferEncoding),
        .lines("gzip", "Transfer-Encoding: gzip", .transferEncoding),
        .lines("gzip, chunked", "Transfer-Encoding: gzip, chunked", .transferEncoding),
        .lines("identity", "Transfer-Encoding: identity", .transferEncoding),
        .lines("chunked and a vertical tab", "Transfer-Encoding: chunked\u{b}", .headerValue),
        .lines("chunked and a blank", "Transfer-Encoding: chunked ", .spelling),
        .lines("chunked with a mark", "Transfer-Encoding: chunked\u{301}", .transferEncoding),
        .lines("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .duplicateHeader),
        .lines("chunked as a coding", "Content-Length: 0\r\nContent-Encoding: chunked", .transferEncoding),
        .lines("chunk size that is none", "Transfer-Encoding: chunked", nil, body: "x\r\n\r\n"),
    ]

    @Test(arguments: [requestLines, hosts, fields, framings]) func `refuses`(_ rows: [Row]) async throws {
        let handler = RecordingHandler()
        let server = try TestServer.start(handler)
        for row in rows {
            let before = handler.refusals.count
            let text = try await server.exchange(row.raw)
            let answer = RawResponse(Array(text.utf8))
            let reason = handler.refusals.dropFirst(before).first
            // Version 1.0 refuses most of these itself, some without an answer, and takes blanks at a value's end off.
            if reason == nil, !HTTPLibrary.version.hasPrefix("0.") {
                #expect(answer.map { $0.status >= 400 } ?? true, "\(row.testDescription): \(text)")
                continue
            }
            #expect(answer?.status == row.status, "\(row.testDescription): \(text)")
            #expect(reason == row.reason, "\(row.testDescription)")
            #expect(answer?["Connection"] == "close", "\(row.testDescription)")
        }
        #expect(handler.seenPaths == [])
        await server.stop()
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\nHost:   a.test  \r\n\r\n", "a.test"),
            ("GET / HTTP/1.1\r\nHost:\ta.test\t\r\nA:\r\n\r\n", "a.test"),
            ("GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n", "a.test"),
            ("GET HTTP://A.test?x=/y HTTP/1.1\r\nHost: a.TEST\r\n\r\n", "a.TEST"),
            ("GET / HTTP/1.0\r\nA: b\r\n\r\n", ""), ("GET /?re=\\d+ HTTP/1.1\r\nHost: a.test\r\n\r\n", "a.test"),
            ("GET /?\u{e9} HTTP/1.1\r\nHost: a.test\r\n\r\n", "a.test"),
        ])
    func `RT-117: takes every right spelling of a request`(raw: String, host: String) async throws {
        let server = try TestServer.start(
            RecordingHandler { .now(HTTPResponse(.ok, text: $0.headers["Host"] ?? "")) })
        let answer = try await server.response(to: raw)
        #expect(answer?.status == 200 && answer?.body == host)
        await server.stop()
    }

    @Test(arguments: ["chunked", "Chunked", "CHUNKED", "  \tchunked"])
    func `RT-117: reads a chunked body however that is spelled, and its end`(coding: String) async throws {
        let handler = RecordingHandler()
        let server = try TestServer.start(handler)
        let text = try await server.exchange(
            "POST /one HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: \(coding)\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                + "GET /two HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(text.contains("POST 3") && handler.seenPaths == ["/one", "/two"])
        await server.stop()
    }

    @Test func `answers a head that is a little too large itself`() async throws {
        let handler = RecordingHandler()
        let server = try TestServer.start(handler)
        let start = "GET /?a= HTTP/1.1\r\nHost: a.test\r\n\r\n".utf8.count
        // One field, which counts 64 bytes more.
        let limit = 24 * 1024 - 64
        for (size, status) in [(limit, 200), (limit + 1, 400)] {
            let query = String(repeating: "x", count: size - start)
            let answer = try await server.response(to: "GET /?a=\(query) HTTP/1.1\r\nHost: a.test\r\n\r\n")
            #expect(answer?.status == status)
            #expect((answer?["X-Refused-By"] == "handler") == (status == 400))
        }
        let field = String(repeating: "x", count: 25 * 1024)
        let text = try await server.exchange("GET / HTTP/1.1\r\nHost: a.test\r\nA: \(field)\r\n\r\n")
        #expect(RawResponse(Array(text.utf8))?.body == "head_too_large")
        #expect(handler.refusals == Array(repeating: .headTooLarge, count: 2))
        await server.stop()
    }

    @Test func `takes a body of the limit's size and not a byte more`() async throws {
        let handler = RecordingHandler()
        let server = try TestServer.start(handler)
        let limit = 64 * 1024
        for (count, status) in [(limit, 200), (limit + 1, 413), (20 * limit, 413)] {
            let body = String(repeating: "b", count: count)
            let plain = "POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: \(count)\r\n\r\n"
            let byLength = try await server.exchange(plain + body)
            #expect(RawResponse(Array(byLength.utf8))?.status == status)
            let head = "POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunks = "\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            let answer = RawResponse(Array(try await server.exchange(head + chunks).utf8))
            #expect(answer?.status == status)
            #expect(answer?.body == (status == 200 ? "POST \(count)" : "body_too_large"))
        }
        #expect(handler.seenPaths.count == 2)
        await server.stop()
    }

    /// Long enough for the steps in which values are read, and every place in a step.
    @Test func `refuses every control byte at every place of a value, and no other byte`() async throws {
        let server = try TestServer.start()
        let port = server.port
        let wrong = try await onThread {
            var wrong: [String] = []
            for byte in [UInt8](0x00...0x21) + [0x7e, 0x7f, 0x80, 0x9f, 0xa0, 0xff] {
                for place in 1..<20 {
                    var value = [UInt8](repeating: UInt8(ascii: "v"), count: 21)
                    value[place] = byte
                    let connection = try RawConnection(port: port)
                    connection.send(
                        Array("GET /a HTTP/1.1\r\nHost: a.test\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8))
                    let isControl = byte < 0x20 && byte != 0x09 || byte == 0x7f
                    let status = connection.receiveResponse()?.status
                    if status != (isControl ? 400 : 200) { wrong.append("\(byte) at \(place): \(status ?? 0)") }
                }
            }
            return wrong
        }
        #expect(wrong.isEmpty)
        await server.stop()
    }
}

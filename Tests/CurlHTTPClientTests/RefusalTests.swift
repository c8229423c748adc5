import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

@Suite struct `Before anything is sent` {
    @Test(arguments: [
        "", "x", "/path", "//host/", "http://", "https://", "https:///path", "https:/host/", "HTTPS://host/",
        "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "ws://localhost/", "javascript:alert(1)",
        // http to anywhere else
        "http://192.0.2.1/", "http://example.invalid/", "http://0.0.0.0/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1%25eth0]/", "http://[::1%25lo]/", "http://localhost.example.invalid/",
        "http://127.0.0.1.invalid/",
        "http://localhost./", "http://a.localhost/", "http://128.0.0.1/", "http://2130706432.invalid/",
        // two readings
        "http://user@127.0.0.1/", "https://user:secret@host.invalid/", "https://@host.invalid/",
        "http://127.0.0.1@192.0.2.1/", "http://192.0.2.1#@127.0.0.1/", "http://192.0.2.1\\@127.0.0.1/",
        "http://127.0.0.1\\.invalid/", "http://%3127.0.0.1/", "http://localhost%2f.invalid/", "http://127.0.0.1:80:80/",
        "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://[::1/", "http://::1/",
        // bytes that do not belong
        "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/a b", "http://127.0.0.1/\u{0}", "http://127.0.0.1/ä",
        " http://127.0.0.1/",
        "http://127.0.0.1/\t", "http://127.0.0.1/#fragment", "http://127.0.0.1\u{3002}invalid/",
    ])
    func `refuses the URL`(url: String) async {
        let failure = await makeClient().failure(of: HTTPClientRequest(.get, url, timeout: .seconds(1)))
        #expect(failure == .urlRefused)
        #expect(failure?.requestWasNeverWritten == true)
    }

    /// Servers that were taken once are known again by how a URL begins.
    @Test(arguments: ["@192.0.2.1/", ":80/", "%2f/", ".invalid/", "x/", "99999/", "@", "\\/"])
    func `refuses the URL also where it begins like one that was taken`(rest: String) async throws {
        let server = try ScriptedServer(.awaitRequest, .ok("x"))
        defer { server.stop() }
        let client = makeClient()
        _ = try await client.send(HTTPClientRequest(.get, server.url(), timeout: patience))
        let url = "http://127.0.0.1:\(server.port)\(rest)"
        #expect(await client.failure(of: HTTPClientRequest(.get, url, timeout: patience)) == .urlRefused)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "LOCALHOST", "0x7f.1", "127.1"])
    func `takes a loopback host`(host: String) async throws {
        let server = try ScriptedServer(.awaitRequest, .ok("x"))
        defer { server.stop() }
        _ = try await makeClient().send(HTTPClientRequest(.get, server.url(host: host), timeout: patience))
    }

    @Test(arguments: [
        ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\u{0}b"), ("X", "ä"), ("X", " a"), ("X", "a "),
        ("", "a"),
        ("X Y", "a"), ("X:", "a"), ("X\r\nY", "a"), ("Host", "other"), ("Content-Length", "1"),
        ("transfer-encoding", "x"),
        ("Connection", "close"), ("Expect", "100-continue"),
    ])
    func `refuses the header`(name: String, value: String) async {
        let headers = HTTPHeaders([HTTPHeaders.Field](dictionary: [(name, value)]))
        let request = HTTPClientRequest(.get, "http://127.0.0.1:1/", headers: headers, timeout: .seconds(1))
        #expect(await makeClient().failure(of: request) == .headerRefused)
    }

    @Test func `says so when nobody listens`() async throws {
        let server = try ScriptedServer()
        server.stop()
        var failure: HTTPClientError?
        // The listener closes on its own thread.
        for _ in 0..<100 where failure != .cannotConnect {
            failure = await makeClient().failure(of: HTTPClientRequest(.post, server.url(), timeout: patience))
        }
        #expect(failure == .cannotConnect)
    }
}

extension [HTTPHeaders.Field] {
    /// `HTTPHeaders` checks nothing by itself, so that a client has to.
    init(dictionary: [(String, String)]) {
        var headers = HTTPHeaders()
        for (name, value) in dictionary { headers.append(name, value) }
        self = headers.fields
    }
}

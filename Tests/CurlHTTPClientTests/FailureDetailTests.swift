import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

@Suite struct `The detail of a failure` {
    struct Failure { let error: HTTPClientError?, detail: String }

    private func failure(_ url: String, caFile: String? = nil, timeout: Duration = patience) async -> Failure {
        let client = makeClient(ClientSettings(connectTimeout: patience, caFile: caFile))
        defer { client.stop() }
        let detail = FailureDetail()
        var request = HTTPClientRequest(.get, url, timeout: timeout, maximumResponseBody: 100)
        request.failureDetail = detail
        let error = await client.failure(of: request)
        return Failure(error: error, detail: detail.text)
    }

    @Test func `names an expired certificate`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("old", for: "DNS:localhost", ca: "ca", days: 0)
        let port = try tls.serve("old")
        // Its last second.
        try await Task.sleep(for: .milliseconds(1100))
        let failure = await failure("https://localhost:\(port)/", caFile: tls.path("ca.pem"))
        #expect(failure.error == .tlsRefused)
        #expect(failure.detail.contains("certificate has expired"), "\(failure.detail)")
    }

    @Test func `names the host that a certificate is not for`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("wrong", for: "DNS:other.invalid", ca: "ca")
        let port = try tls.serve("wrong")
        let failure = await failure("https://localhost:\(port)/", caFile: tls.path("ca.pem"))
        #expect(failure.error == .tlsRefused)
        #expect(failure.detail.contains("target host name 'localhost'"), "\(failure.detail)")
    }

    @Test func `names a refused port`() async throws {
        // Port 1 has no listener on a usual machine.
        let failure = await failure("http://127.0.0.1:1/")
        #expect(failure.error == .cannotConnect)
        #expect(failure.detail.contains("Failed to connect to 127.0.0.1 port 1"), "\(failure.detail)")
    }

    /// RFC 6761 section 6.4: no name below `invalid` resolves.
    @Test func `names a host that does not resolve`() async throws {
        let failure = await failure("https://keys.example.invalid/")
        #expect(failure.error == .cannotResolve)
        #expect(failure.error?.requestWasNeverWritten == true)
        #expect(failure.detail == "Could not resolve host: keys.example.invalid")
    }

    /// The handle of the failed look-up refused an option from then on.
    @Test func `a name that does not resolve spoils no later request`() async throws {
        let server = try ScriptedServer(.awaitRequest, .ok("x"))
        defer { server.stop() }
        let client = makeClient()
        defer { client.stop() }
        for _ in 0..<3 {
            let request = HTTPClientRequest(.get, "https://keys.example.invalid/", timeout: patience)
            #expect(await client.failure(of: request) == .cannotResolve)
        }
        let request = HTTPClientRequest(.get, server.url(), timeout: patience)
        #expect(await client.failure(of: request) == nil)
    }

    @Test func `names a time-out, and never the path or the query`() async throws {
        let server = try ScriptedServer(.awaitRequest, .awaitClose)
        defer { server.stop() }
        let failure = await failure(server.url("/path?code=canary"), timeout: .milliseconds(300))
        #expect(failure.error == .timedOut)
        #expect(failure.detail.contains("timed out after"), "\(failure.detail)")
        #expect(!failure.detail.contains("canary") && !failure.detail.contains("/path"))
    }

    @Test(arguments: [
        ("SSH-2.0-x\r\n", "HTTP/0.9"), ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "larger than 100 bytes"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "bytes remaining"),
    ])
    func `names what is wrong with a response`(answer: String, detail: String) async throws {
        let server = try ScriptedServer(.awaitRequest, .send(answer))
        defer { server.stop() }
        let failure = await failure(server.url())
        #expect(failure.error != nil)
        #expect(failure.detail.contains(detail), "\(failure.detail)")
    }

    @Test func `is at most 200 visible characters`() async throws {
        let host = (0..<4).map { _ in String(repeating: "a", count: 60) }.joined(separator: ".")
        let failure = await failure("https://\(host).invalid/")
        #expect(failure.error == .cannotResolve)
        #expect((100...200).contains(failure.detail.count))
        #expect(failure.detail.utf8.allSatisfy { (0x20...0x7e).contains($0) })
    }

    @Test func `is empty after a response`() async throws {
        let server = try ScriptedServer(.awaitRequest, .ok("x"))
        defer { server.stop() }
        let failure = await failure(server.url())
        #expect(failure.error == nil && failure.detail.isEmpty)
    }
}

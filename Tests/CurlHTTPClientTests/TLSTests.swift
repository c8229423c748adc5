import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

@Suite struct `Over TLS` {
    static let localhost = "DNS:localhost,IP:127.0.0.1"

    private func failure(_ url: String, caFile: String?) async -> HTTPClientError? {
        let client = makeClient(ClientSettings(connectTimeout: patience, caFile: caFile))
        defer { client.stop() }
        return await client.failure(of: HTTPClientRequest(.get, url, timeout: patience))
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"], ["localhost", "127.0.0.1"])
    func `accepts a certificate of the given CA for the name that was asked`(version: String, host: String) async throws
    {
        let tls = try TLSFixture()
        try tls.makeCertificate("good", for: Self.localhost, ca: "ca")
        let port = try tls.serve("good", [version])
        #expect(await failure("https://\(host):\(port)/", caFile: tls.path("ca.pem")) == nil)
    }

    @Test func `RT-78 refuses another CA's certificate, with a private CA and with the system's roots`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("good", for: Self.localhost, ca: "ca")
        let port = try tls.serve("good")
        #expect(await failure("https://localhost:\(port)/", caFile: tls.path("other-ca.pem")) == .tlsRefused)
        #expect(await failure("https://localhost:\(port)/", caFile: nil) == .tlsRefused)
    }

    @Test func `RT-78 refuses a certificate signed by itself`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("own", for: Self.localhost, ca: nil)
        let port = try tls.serve("own")
        #expect(await failure("https://localhost:\(port)/", caFile: tls.path("ca.pem")) == .tlsRefused)
    }

    @Test func `RT-78 refuses another host's certificate`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("wrong", for: "DNS:other.invalid,IP:127.0.0.2", ca: "ca")
        let port = try tls.serve("wrong")
        for host in ["localhost", "127.0.0.1"] {
            #expect(await failure("https://\(host):\(port)/", caFile: tls.path("ca.pem")) == .tlsRefused)
        }
    }

    @Test func `RT-78 refuses an expired certificate`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("old", for: Self.localhost, ca: "ca", days: 0)
        let port = try tls.serve("old")
        // Its last second.
        try await Task.sleep(for: .milliseconds(1100))
        #expect(await failure("https://localhost:\(port)/", caFile: tls.path("ca.pem")) == .tlsRefused)
    }

    @Test func `refuses TLS 1_1`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("good", for: Self.localhost, ca: "ca")
        let old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]
        let port = try tls.serve("good", old)
        // The server itself does speak it.
        try tls.openssl(
            ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", "ca.pem", "-verify_return_error"] + old)
        #expect(await failure("https://localhost:\(port)/", caFile: tls.path("ca.pem")) == .tlsRefused)
    }

    @Test func `knows that a request was written when a server wants a certificate of ours`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("good", for: Self.localhost, ca: "ca")
        // In TLS 1.3 the server's refusal comes behind our first bytes.
        let port = try tls.serve("good", ["-tls1_3", "-Verify", "1", "-verify_return_error"])
        #expect(await failure("https://localhost:\(port)/", caFile: tls.path("ca.pem")) == .broken)
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "SSH-2.0-x\r\n"])
    func `refuses a server that does not speak TLS, and writes nothing to it`(answer: String) async throws {
        let server = try ScriptedServer(.send(answer), .awaitRequest)
        defer { server.stop() }
        #expect(await failure("https://127.0.0.1:\(server.port)/", caFile: nil) == .tlsRefused)
        #expect(server.requests.isEmpty)
    }

    @Test func `gives up a handshake that hangs after the connect time-out`() async throws {
        let server = try ScriptedServer(.awaitClose)
        defer { server.stop() }
        let client = makeClient(ClientSettings(connectTimeout: .milliseconds(200)))
        defer { client.stop() }
        let request = HTTPClientRequest(.post, "https://127.0.0.1:\(server.port)/", timeout: .seconds(60))
        let start = ContinuousClock.now
        #expect(await client.failure(of: request) == .cannotConnect)
        #expect(ContinuousClock.now - start < patience)
    }
}

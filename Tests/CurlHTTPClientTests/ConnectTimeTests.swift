import CurlHTTPClient
import Glibc
import HTTP
import TestSupport
import Testing

@Suite struct `The time for connecting` {
    @Test func `RT-120: lets a server begin after three seconds`() async throws {
        let (tls, port) = try await onThread {
            let tls = try TLSFixture()
            try tls.makeCertificate("good", for: "DNS:localhost,IP:127.0.0.1", ca: "ca")
            return (tls, try tls.serve("good"))
        }
        let client = makeClient(ClientSettings(caFile: tls.path("ca.pem")))
        defer { client.stop() }
        tls.pauseServers()
        let request = HTTPClientRequest(.get, "https://localhost:\(port)/", timeout: .seconds(8))
        let failure = Task { await client.failure(of: request) }
        try await onThread {
            sleep(3)
            tls.resumeServers()
        }
        #expect(await failure.value == nil)
    }

    @Test func `RT-120: ends after five seconds, and the request was never written`() async throws {
        let server = try ScriptedServer(.awaitClose)
        defer { server.stop() }
        let client = makeClient()
        defer { client.stop() }
        let request = HTTPClientRequest(.post, "https://127.0.0.1:\(server.port)/", timeout: .seconds(60))
        let start = ContinuousClock.now
        let failure = await client.failure(of: request)
        let duration = ContinuousClock.now - start
        #expect(failure == .cannotConnect)
        #expect(failure?.requestWasNeverWritten == true)
        #expect(duration >= .milliseconds(4990) && duration < patience)
    }
}

import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing
import Untrusted

/// libcurl 7.88 repeats any request, POST too, when a kept connection ends without a byte of answer. A login code
/// that is sent twice is a code spent twice.
@Suite struct `A request on a kept connection` {
    /// Answers once, then hears a second request on the same connection and ends it.
    private func server(endingWith end: ScriptedServer.Step?) throws -> ScriptedServer {
        try ScriptedServer { number in
            number == 0
                ? [.awaitRequest, .ok("first"), .awaitRequest] + (end.map { [$0] } ?? [])
                : [.repeated([.awaitRequest, .ok("again")])]
        }
    }

    @Test(arguments: [HTTPMethod.post, .put, .patch, .delete], [ScriptedServer.Step?.none, .reset])
    func `is written once when the server hears it and hangs up`(method: HTTPMethod, end: ScriptedServer.Step?)
        async throws
    {
        let server = try server(endingWith: end)
        defer { server.stop() }
        let client = makeClient()
        _ = try await client.send(HTTPClientRequest(.post, server.url("/1"), timeout: patience))
        let request = HTTPClientRequest(method, server.url("/2"), body: SecretBytes("code=c"), timeout: patience)
        #expect(await client.failure(of: request) == .broken)
        #expect(server.requests.count { $0.contains(" /2 ") } == 1)
        // The client still works.
        _ = try await client.send(HTTPClientRequest(.post, server.url("/3"), timeout: patience))
    }

    @Test(arguments: [ScriptedServer.Step?.none, .reset])
    func `is written again if it is a GET`(end: ScriptedServer.Step?) async throws {
        let server = try server(endingWith: end)
        defer { server.stop() }
        let client = makeClient()
        _ = try await client.send(HTTPClientRequest(.get, server.url("/1"), timeout: patience))
        let response = try await client.send(HTTPClientRequest(.get, server.url("/2"), timeout: patience))
        #expect(response.body.exposedText?.string == "again")
        #expect(server.requests.count { $0.contains(" /2 ") } == 2)
    }

    @Test func `goes to a new one when the server has hung up before`() async throws {
        let server = try ScriptedServer(.awaitRequest, .ok("x"))
        defer { server.stop() }
        let client = makeClient()
        for _ in 0..<5 {
            _ = try await client.send(HTTPClientRequest(.post, server.url(), timeout: patience))
            // Time for the server's FIN to arrive: without it the next POST may be written into a closed connection.
            try await Task.sleep(for: .milliseconds(300))
        }
        #expect(server.connectionCount == 5)
    }
}

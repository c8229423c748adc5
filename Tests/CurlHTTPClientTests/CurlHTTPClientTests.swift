import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing
import Untrusted

/// Far above what a busy machine needs, far below what a test run can wait.
let patience = Duration.seconds(20)

func makeClient(_ settings: ClientSettings = ClientSettings(userAgent: "test/1")) -> CurlHTTPClient {
    try! CurlHTTPClient(settings)
}

extension CurlHTTPClient {
    func outcome(of request: HTTPClientRequest) async -> Result<HTTPClientResponse, HTTPClientError> {
        do throws(HTTPClientError) { return .success(try await send(request)) } catch { return .failure(error) }
    }

    func failure(of request: HTTPClientRequest) async -> HTTPClientError? {
        if case .failure(let error) = await outcome(of: request) { error } else { nil }
    }
}

@Suite struct `The client` {
    @Test func `sends our headers, Host and the framing, and nothing else`() async throws {
        let server = try ScriptedServer(.repeated([.awaitRequest, .ok("hello")]))
        defer { server.stop() }
        let client = makeClient()
        defer { client.stop() }
        let get = try await client.send(HTTPClientRequest(.get, server.url("/a?b=c%20d"), timeout: patience))
        #expect(get.status == .ok)
        #expect(get.body.exposedText?.string == "hello")
        #expect(get.headers["content-length"] == "5")
        let headers: HTTPHeaders = [
            "Authorization": "Bearer t", "Content-Type": "application/json", "Accept": "application/json",
            "X-Empty": "",
        ]
        _ = try await client.send(
            HTTPClientRequest(.post, server.url("/p"), headers: headers, body: SecretBytes("{}"), timeout: patience))
        for method in [HTTPMethod.post, .put, .patch, .delete, .options] {
            _ = try await client.send(HTTPClientRequest(method, server.url("/m"), timeout: patience))
        }
        let host = "Host: 127.0.0.1:\(server.port)\r\n"
        let agent = "User-Agent: test/1\r\n"
        let golden = [
            "GET /a?b=c%20d HTTP/1.1\r\n\(host)\(agent)\r\n",
            "POST /p HTTP/1.1\r\n\(host)\(agent)Authorization: Bearer t\r\nContent-Type: application/json\r\n"
                + "Accept: application/json\r\nX-Empty:\r\nContent-Length: 2\r\n\r\n{}",
            "POST /m HTTP/1.1\r\n\(host)\(agent)Content-Length: 0\r\n\r\n",
            "PUT /m HTTP/1.1\r\n\(host)\(agent)Content-Length: 0\r\n\r\n",
            "PATCH /m HTTP/1.1\r\n\(host)\(agent)Content-Length: 0\r\n\r\n",
            "DELETE /m HTTP/1.1\r\n\(host)\(agent)\r\n",
            "OPTIONS /m HTTP/1.1\r\n\(host)\(agent)\r\n",
        ]
        #expect(server.requests.map(sortedHead) == golden.map(sortedHead))
        #expect(server.connectionCount == 1, "connections are kept")
    }

    /// The order of header fields means nothing and is libcurl's.
    private func sortedHead(_ request: String) -> [String] {
        let lines = request.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        return [lines[0]] + lines.dropFirst().sorted()
    }

    @Test func `sends a large body whole and in order`() async throws {
        let server = try ScriptedServer(.awaitRequest, .ok(""))
        defer { server.stop() }
        let client = makeClient()
        let body = (0..<400_000).map { UInt8(0x20 + $0 % 90) }
        _ = try await client.send(
            HTTPClientRequest(.post, server.url(), body: SecretBytes(body), timeout: patience))
        #expect(server.requests.first?.hasSuffix("\r\n\r\n" + String(decoding: body, as: UTF8.self)) == true)
    }

    @Test func `answers HEAD, 204 and 304 without a body, whatever their length says`() async throws {
        let server = try ScriptedServer { number in
            [
                .awaitRequest,
                .send(
                    "HTTP/1.1 \([200, 204, 304][number]) X\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n"),
            ]
        }
        defer { server.stop() }
        let client = makeClient()
        for method in [HTTPMethod.head, .get, .get] {
            let response = try await client.send(HTTPClientRequest(method, server.url(), timeout: patience))
            #expect(response.body.isEmpty)
        }
    }

    @Test func `does not follow a redirect`() async throws {
        let other = try ScriptedServer(.awaitRequest, .ok("other"))
        let server = try ScriptedServer(
            .awaitRequest, .send("HTTP/1.1 302 Found\r\nLocation: \(other.url())\r\nContent-Length: 0\r\n\r\n"))
        defer { for each in [server, other] { each.stop() } }
        let response = try await makeClient().send(HTTPClientRequest(.get, server.url(), timeout: patience))
        #expect(response.status == .found)
        #expect(response.headers["location"] == other.url())
        #expect(other.connectionCount == 0)
    }

    @Test func `reads chunks, drops interim answers and trailers`() async throws {
        let server = try ScriptedServer(
            .awaitRequest, .send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\n"),
            .send("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nB: 2\r\n\r\n"), .awaitClose)
        defer { server.stop() }
        let response = try await makeClient().send(HTTPClientRequest(.get, server.url(), timeout: patience))
        #expect(response.body.exposedText?.string == "abcde")
        #expect(response.headers["Link"] == nil && response.headers["B"] == nil && response.headers["A"] == "1")
    }

    @Test func `names the libcurl it runs on`() {
        #expect(CurlHTTPClient.libraryVersion.hasPrefix("libcurl/"))
    }

    @Test func `refuses a CA file that is missing or holds no certificate`() {
        #expect(throws: ClientSetupError.caFileUnreadable(path: "/nonexistent/ca.pem", errno: 2)) {
            try CurlHTTPClient(ClientSettings(caFile: "/nonexistent/ca.pem"))
        }
        #expect(throws: ClientSetupError.caFileHoldsNoCertificate(path: "/dev/null")) {
            try CurlHTTPClient(ClientSettings(caFile: "/dev/null"))
        }
    }
}

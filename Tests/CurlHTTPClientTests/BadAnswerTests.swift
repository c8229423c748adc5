import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

@Suite struct `A bad answer` {
    static let ok = "HTTP/1.1 200 OK\r\n"

    @Test(arguments: [
        "", "garbage", "garbage\r\n\r\n", "<html>", "SSH-2.0-x\r\n", "HTTP/1.1", "HTTP/1.1 200", "\(ok)",
        "\(ok)A: b\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "\(ok)Content-Length: 5\r\n\r\nabc", "\(ok)Content-Length: -1\r\n\r\n", "\(ok)Content-Length: x\r\n\r\n",
        "\(ok)Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "\(ok)Content-Length: 0, 0\r\n\r\n",
        "\(ok)Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "\(ok)Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\(ok)no colon\r\n\r\n", "\(ok)A : b\r\n\r\n", "\(ok): b\r\n\r\n", "\(ok)A: b\r\n folded\r\n\r\n",
        "\(ok)A: b\u{0}c\r\n\r\n", "\(ok)A: b\rc\r\n\r\n", "\(ok)A: \u{1}\r\n\r\n",
    ])
    func `counts as a broken exchange`(answer: String) async throws {
        let server = try ScriptedServer(.awaitRequest, .send(answer))
        defer { server.stop() }
        let failure = await makeClient().failure(of: HTTPClientRequest(.get, server.url(), timeout: patience))
        #expect(failure == .broken)
        #expect(failure?.requestWasNeverWritten == false)
    }

    static let limit = 1000
    static let tooLarge: [[ScriptedServer.Step]] = [
        // Said beforehand: refused before a byte of it comes.
        [.send("\(ok)Content-Length: 1001\r\n\r\n"), .awaitClose],
        [.send("\(ok)Content-Length: 99999999999999999999999\r\n\r\n"), .awaitClose],
        [
            .send(ok + "Transfer-Encoding: chunked\r\n\r\n"),
            .repeated([.send("64\r\n\(String(repeating: "x", count: 100))\r\n")]),
        ],
        [.send(ok + "\r\n"), .repeated([.send("0123456789")])],
        [.send(ok), .repeated([.send("A: \(String(repeating: "x", count: 100))\r\n")])],
        [.send(ok + "A: "), .repeated([.send("xxxxxxxxxx")])],
        [.repeated([.send("HTTP/1.1 100 Continue\r\nA: b\r\n\r\n")])],
        [
            .send(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n"),
            .repeated([.send("A: \(String(repeating: "x", count: 100))\r\n")]),
        ],
    ]

    @Test(arguments: tooLarge.indices) func `ends at the limits, however it is framed`(index: Int) async throws {
        let server = try ScriptedServer { _ in [.awaitRequest] + Self.tooLarge[index] }
        defer { server.stop() }
        let request = HTTPClientRequest(.get, server.url(), timeout: patience, maximumResponseBody: Self.limit)
        let failure = await makeClient().failure(of: request)
        #expect(failure == .tooLarge)
    }

    @Test func `is not what a body of exactly the limit is`() async throws {
        let body = String(repeating: "x", count: Self.limit)
        let server = try ScriptedServer(
            .repeated([
                .awaitRequest, .ok(body), .awaitRequest,
                .send("\(Self.ok)Transfer-Encoding: chunked\r\n\r\n3e8\r\n\(body)\r\n0\r\n\r\n"), .awaitRequest,
                .send("\(Self.ok)\r\n\(body)"), .pause(.zero),
            ]))
        defer { server.stop() }
        let client = makeClient()
        for _ in 0..<2 {
            let request = HTTPClientRequest(.get, server.url(), timeout: patience, maximumResponseBody: Self.limit)
            #expect(try await client.send(request).body.count == Self.limit)
        }
    }

    static let slow: [[ScriptedServer.Step]] = [
        [.awaitClose],
        [.send("\(ok)Content-Length: 5\r\n\r\nab"), .awaitClose],
        [.sendSlowly(Array(String(repeating: "HTTP/1.1 200 OK", count: 1000).utf8), pause: .milliseconds(20))],
        [.send("HTTP/1.1 100 Continue\r\n\r\n"), .awaitClose],
        [.send("HTTP/1.1 101 Switching\r\n\r\n"), .awaitClose],
    ]

    @Test(arguments: slow.indices) func `that never ends fails at the time-out`(index: Int) async throws {
        let server = try ScriptedServer { _ in [.awaitRequest] + Self.slow[index] }
        defer { server.stop() }
        let start = ContinuousClock.now
        let failure = await makeClient().failure(
            of: HTTPClientRequest(.post, server.url(), timeout: .milliseconds(300)))
        #expect(failure == .timedOut)
        #expect(ContinuousClock.now - start < patience)
    }
}

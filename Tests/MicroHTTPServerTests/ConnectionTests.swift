import HTTP
import Locking
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing
import Untrusted

@Suite struct ConnectionTests {
    static let get = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n"

    @Test func `answers one request behind another on one connection`() async throws {
        let server = try TestServer.start()
        let port = server.port
        let bodies = try await onThread {
            let connection = try RawConnection(port: port)
            return (0..<20).map { count in
                let body = String(repeating: "x", count: count)
                connection.send("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: \(count)\r\n\r\n\(body)")
                return connection.receiveResponse()?.body ?? "nothing"
            }
        }
        #expect(bodies == (0..<20).map { "POST \($0)" })
        await server.stop()
    }

    @Test func `no request sees anything of the one before it on its connection`() async throws {
        let handler = RecordingHandler { request in
            let query = request.target.query?.exposedText?.string ?? "none"
            let body = request.body.exposedText?.string ?? "none"
            let text =
                "\(request.method.rawValue) \(request.target.path.count) \(query) \(body) \(request.headers.count)"
            return request.headers.has(.origin)
                ? .later { HTTPResponse(.ok, text: text) } : .now(HTTPResponse(.ok, text: text))
        }
        let server = try TestServer.start(handler)
        let port = server.port
        let requests: [(head: String, answer: String)] = [
            (
                "POST /first?code=secret HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody",
                "POST 6 code=secret body 2"
            ),
            ("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "GET 1 none  1"),
            ("GET /\(String(repeating: "l", count: 4999)) HTTP/1.1\r\nHost: a.test\r\n\r\n", "GET 5000 none  1"),
            ("GET /s?q HTTP/1.1\r\nHost: a.test\r\nOrigin: null\r\n\r\n", "GET 2 q  2"),
            (
                "POST /c HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                "POST 2 none abc 2"
            ),
            ("GET /s HTTP/1.1\r\nHost: a.test\r\n\r\n", "GET 2 none  1"),
        ]
        let heads = requests.map(\.head)
        let answers = try await onThread {
            let connection = try RawConnection(port: port)
            return (heads + heads).map { head in
                connection.send(head)
                return connection.receiveResponse()?.body ?? "nothing"
            }
        }
        #expect(answers == requests.map(\.answer) + requests.map(\.answer))
        await server.stop()
    }

    /// Heads share their loop's memory, one after the other; not with a request that a task still works on.
    @Test func `a request under way keeps its own head while others come and go`() async throws {
        let gate = Gate()
        let handler = RecordingHandler { request in
            guard request.target.path == "/slow" else { return .now(HTTPResponse(.ok)) }
            return .later {
                await gate.pass()
                return HTTPResponse(
                    .ok, text: request.headers.fields.map { "\($0.name)=\($0.value)" }.joined(separator: "&"))
            }
        }
        let server = try TestServer.start(handler)
        let port = server.port
        let slow = try RawConnection(port: port)
        slow.send("GET /slow HTTP/1.1\r\nHost: a.test\r\nX-Mine: first\r\n\r\n")
        while await gate.waiting == 0 { await Task.yield() }
        try await onThread {
            let other = try RawConnection(port: port)
            for number in 0..<50 {
                let fields = (0...number).map { "X-Other-\($0): \(String(repeating: "o", count: 100))\r\n" }
                other.send("GET / HTTP/1.1\r\nHost: b.test\r\n\(fields.joined())\r\n")
                _ = other.receiveResponse()
            }
        }
        await gate.open()
        let answer = try await onThread { slow.receiveResponse()?.body }
        #expect(answer == "Host=a.test&X-Mine=first")
        await server.stop()
    }

    @Test(arguments: [1, 2]) func `sends a kept answer to many at once and again`(_ loops: Int) async throws {
        let kept = HTTPResponse(.ok, headers: ["X-Kept": "yes"], text: "the same").kept()
        let handler = RecordingHandler { request in
            guard request.target.path == "/changed" else { return .now(kept) }
            var changed = kept
            changed.headers.append("X-Changed", "yes")
            return .now(changed)
        }
        let server = try TestServer.start(handler) { $0.eventLoops = loops }
        let port = server.port
        let texts = try await onThread {
            let connections = try (0..<20).map { _ in try RawConnection(port: port) }
            var texts: [String] = []
            for path in ["/", "/changed", "/"] {
                for connection in connections { connection.send("GET \(path) HTTP/1.1\r\nHost: a.test\r\n\r\n") }
                for connection in connections {
                    guard let response = connection.receiveResponse() else { return texts }
                    let isKept = response.headers.contains("X-Kept: yes")
                    let isChanged = response.headers.contains("X-Changed: yes")
                    texts.append("\(path) \(isKept) \(isChanged) \(response.body)")
                }
            }
            return texts
        }
        let plain = Array(repeating: "/ true false the same", count: 20)
        #expect(texts == plain + Array(repeating: "/changed true true the same", count: 20) + plain)
        // And to one who is told that it is the last.
        let last = try await server.exchange("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(last.contains("X-Kept: yes\r\n") && last.hasSuffix("the same"))
        await server.stop()
    }

    @Test func `answers HEAD without a body`() async throws {
        let server = try TestServer.start()
        let text = try await server.exchange("HEAD / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 200"))
        #expect(text.contains("Content-Length: 6\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
        await server.stop()
    }

    @Test func `hands over empty values and bytes that are not UTF-8`() async throws {
        let seen = Locked<[String]>([])
        let handler = RecordingHandler { request in
            seen.withLock { $0 = [request.headers["A"] ?? "absent", request.headers["B"] ?? "absent"] }
            return .now(HTTPResponse(.ok))
        }
        let server = try TestServer.start(handler)
        let head = Array("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nA:\r\nB: x".utf8)
        let text = try await server.exchange(head + [0xe9] + Array("\r\n\r\n".utf8))
        #expect(text.hasPrefix("HTTP/1.1 200"))
        #expect(seen.withLock { $0 } == ["", "x\u{fffd}"])
        await server.stop()
    }

    @Test(arguments: ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\0b", "a\u{1}b", "a\u{1b}[2J", "a\u{7f}"])
    func `sends no header with a control byte in it`(_ value: String) async throws {
        let handler = RecordingHandler { _ in .now(HTTPResponse(.ok, headers: ["X-A": value], text: "secret")) }
        let server = try TestServer.start(handler)
        let text = try await server.exchange(Self.get)
        #expect(text.hasPrefix("HTTP/1.1 500"))
        #expect(!text.contains("secret") && !text.contains("Set-Cookie"))
        await server.stop()
    }

    @Test func `sends tabs and what is not ASCII as they are`() async throws {
        let handler = RecordingHandler { _ in .now(HTTPResponse(.ok, headers: ["X-A": "a\tb", "X-B": "\u{e9}"])) }
        let server = try TestServer.start(handler)
        let text = try await server.exchange("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("X-A: a\tb\r\n") && text.contains("X-B: \u{e9}\r\n"))
        await server.stop()
    }

    /// libmicrohttpd's own epoll thread stalls from 128 connections on.
    @Test(arguments: [127, 128, 129, 256, 384]) func `starves none of many busy connections`(_ count: Int) async throws
    {
        let server = try TestServer.start()
        let port = server.port
        let answered = try await onThread {
            let connections = try (0..<count).map { _ in try RawConnection(port: port) }
            return (0..<5).reduce(into: 0) { answered, _ in
                for connection in connections { connection.send(Self.get) }
                for connection in connections where connection.receiveResponse()?.status == 200 { answered += 1 }
            }
        }
        #expect(answered == count * 5)
        await server.stop()
    }

    @Test func `suspends hundreds of answers at once`() async throws {
        let gate = Gate()
        let handler = RecordingHandler { _ in
            .later {
                await gate.pass()
                return HTTPResponse(.ok, text: "late")
            }
        }
        let server = try TestServer.start(handler)
        let port = server.port
        let connections = try await onThread { try (0..<400).map { _ in try RawConnection(port: port) } }
        try await onThread { for connection in connections { connection.send(Self.get) } }
        while await gate.waiting < 400 { try await Task.sleep(for: .milliseconds(5)) }
        await gate.open()
        let late = try await onThread { connections.filter { $0.receiveResponse()?.body == "late" }.count }
        #expect(late == 400)
        await server.stop()
    }

    @Test func `lives when whoever waits for an answer leaves`() async throws {
        let gate = Gate()
        let handler = RecordingHandler { request in
            guard request.target.path == "/later" else { return .now(HTTPResponse(.ok)) }
            return .later {
                await gate.pass()
                return HTTPResponse(.ok)
            }
        }
        let server = try TestServer.start(handler)
        let port = server.port
        try await onThread {
            for _ in 0..<50 {
                let connection = try RawConnection(port: port)
                connection.send("GET /later HTTP/1.1\r\nHost: a.test\r\n\r\n")
            }
        }
        while await gate.waiting < 50 { try await Task.sleep(for: .milliseconds(5)) }
        await gate.open()
        let text = try await server.exchange("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test func `shares its connections between two loops`() async throws {
        let server = try TestServer.start { $0.eventLoops = 2 }
        let port = server.port
        let answered = try await onThread {
            try (0..<100).filter { _ in
                let connection = try RawConnection(port: port)
                connection.send(Self.get)
                return connection.receiveResponse()?.status == 200
            }.count
        }
        #expect(answered == 100)
        await server.stop()
    }
}

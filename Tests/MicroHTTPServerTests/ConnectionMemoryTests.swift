import Glibc
import HTTP
import TestSupport
import Testing
import Untrusted

@testable import MicroHTTPServer

@Suite struct ConnectionMemoryTests {
    /// As long as any answer's head gets: a callback's, with a page's address and all cookies.
    private static func handler() -> RecordingHandler {
        RecordingHandler { request in
            .now(
                HTTPResponse(
                    .ok, headers: ["X-Long": String(repeating: "x", count: 5000)], text: request.target.path.string))
        }
    }

    private static let small = head("/small")

    private static func head(_ target: String = "/ask/x", _ fields: [String] = []) -> String {
        (["GET \(target) HTTP/1.1", "Host: a.test"] + fields + ["", ""]).joined(separator: "\r\n")
    }

    /// A head that counts `size` bytes, 64 for each field beside its text, filled up by its last field.
    private static func head(of size: Int, _ fields: [String]) -> String {
        let missing = size - 64 * (fields.count + 1) - head("/ask/x", fields).utf8.count
        return head("/ask/x", fields.dropLast() + [fields[fields.count - 1] + String(repeating: "v", count: missing)])
    }

    private static let limit = 24 * 1024

    /// What takes most of the library's memory: it keeps a record of every field and of every cookie, and copies cookies.
    static let heads: [(name: String, text: String)] = [
        ("one field", head(of: limit, ["A: "])), ("a long target", head("/" + String(repeating: "x", count: 24_000))),
        ("98 fields", head(of: limit, (0..<98).map { "X-Field-\($0): \($0)" })),
        ("99 short fields", head("/ask/x", (0..<99).map { "X-Field-\($0): \($0)" })),
        // What the proxies' blocks let pass: 16 KiB of cookies beside the session, and 20 fields of the proxy's.
        (
            "16 KiB of cookies",
            head(
                "/ask/x",
                ["Cookie: " + cookies(8, of: 2050) + "; session=" + String(repeating: "s", count: 700)]
                    + (0..<20).map { "X-Field-\($0): \(String(repeating: "v", count: 40))" })
        ), ("60 cookies", head("/ask/x", ["Cookie: " + cookies(60, of: 130)])),
        ("100 parameters", head("/ask/x?" + String(repeating: "parameter=value&", count: 100))),
    ]

    private static func cookies(_ count: Int, of size: Int) -> String {
        (0..<count).map { "cookie\($0)=" + String(repeating: "v", count: size - 12) }.joined(separator: "; ")
    }

    @Test func `a head of the limit's size is answered`() async throws {
        let handler = Self.handler()
        let server = try TestServer.start(handler)
        let port = server.port
        for (name, text) in Self.heads {
            for first in [Self.small, text] {
                let statuses = try await onThread {
                    let connection = try RawConnection(port: port)
                    return [first, text, first].map { head in
                        connection.send(head)
                        return connection.receiveResponse()?.status
                    }
                }
                #expect(statuses == [200, 200, 200], "\(name) behind \(first.utf8.count) bytes")
            }
        }
        #expect(handler.refusals == [])
        await server.stop()
    }

    @Test func `one byte more is refused by the handler`() async throws {
        let handler = Self.handler()
        let server = try TestServer.start(handler)
        let port = server.port
        let refused = try await onThread {
            let connection = try RawConnection(port: port)
            connection.send(Self.small)
            _ = connection.receiveResponse()
            connection.send(Self.head(of: Self.limit + 1, ["A: "]))
            return connection.receiveResponse()
        }
        #expect(refused?.status == 400 && refused?["X-Refused-By"] == "handler")
        #expect(handler.refusals == [.headTooLarge])
        await server.stop()
    }

    static let unfit: [(name: String, text: String)] = [
        ("a parameter of 64 KiB", head("/ask/x?a=" + String(repeating: "x", count: 65_536))),
        ("a field of 64 KiB", head("/ask/x", ["A: " + String(repeating: "x", count: 65_536)])),
        ("180 cookies in 20 KiB", head("/ask/x", ["Cookie: " + cookies(180, of: 113)])),
        ("8,000 parameters", head("/ask/x?" + String(repeating: "a&", count: 8000))),
    ]

    /// Version 0.9.75 closes the connection where cookies take its memory, and where parameters do, it stops reading
    /// without a word: we close that connection.
    @Test func `a head that does not fit is refused by the library and reaches nobody`() async throws {
        let handler = Self.handler()
        let server = try TestServer.start(handler)
        let port = server.port
        for (name, text) in Self.unfit {
            for isFirst in [true, false] {
                let (status, isClosed) = try await onThread {
                    let connection = try RawConnection(port: port)
                    if !isFirst {
                        connection.send(Self.small)
                        _ = connection.receiveResponse()
                    }
                    connection.send(text)
                    let all = connection.receiveAll()
                    return (RawResponse(all.bytes)?.status, all.isClosed)
                }
                let isSilent = status == nil && !name.hasSuffix("64 KiB")
                #expect(isClosed && (isSilent || (400..<500).contains(status ?? 0)), "\(name): \(status ?? 0)")
            }
        }
        #expect(Set(handler.seenPaths) == ["/small"] && handler.refusals == [])
        let text = try await server.exchange("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 200"))
        let start = ContinuousClock.now
        await server.stop(within: .seconds(60))
        #expect(ContinuousClock.now - start < .seconds(30), "a request that was given up counts no longer")
    }

    @Test func `a first head that comes in two pieces, cut anywhere, is answered`() async throws {
        let server = try TestServer.start(Self.handler())
        let port = server.port
        let bytes = Array(Self.head().utf8)
        let answered = try await onThread {
            let connections = try (1..<bytes.count).map { _ in try RawConnection(port: port) }
            for (cut, connection) in zip(1..., connections) { connection.send(Array(bytes[..<cut])) }
            // All of them have been heard when a later one is answered.
            let other = try RawConnection(port: port)
            other.send(Self.head())
            _ = other.receiveResponse()
            for (cut, connection) in zip(1..., connections) { connection.send(Array(bytes[cut...])) }
            return connections.filter { $0.receiveResponse()?.status == 200 }.count
        }
        #expect(answered == bytes.count - 1)
        await server.stop()
    }

    @Test func `whoever comes and says nothing takes a place until the deadline, and goes without a trace`()
        async throws
    {
        let server = try TestServer.start {
            $0.maximumConnections = 20
            $0.headDeadline = .seconds(2)
        }
        let port = server.port
        let (isFull, gone, served) = try await onThread {
            let silent = try (0..<20).map { _ in try RawConnection(port: port) }
            let next = try RawConnection(port: port)
            next.send(ConnectionTests.get)
            let isFull = next.receive(patience: 0.1) == nil
            let gone = silent.filter { $0.receive(patience: 10)?.isEmpty == true }.count
            return (isFull, gone, next.receiveResponse()?.status)
        }
        #expect(isFull && gone == 20 && served == 200)
        // Nor do those who leave by themselves.
        let last = try await onThread {
            for _ in 0..<100 { _ = try RawConnection(port: port) }
            let last = try RawConnection(port: port)
            last.send(ConnectionTests.get)
            return last.receiveResponse()?.status
        }
        #expect(last == 200)
        await server.stop()
    }
}

import Glibc
import HTTP
import TestSupport
import Testing
import Untrusted

@testable import MicroHTTPServer

/// Connections that begin with a small head have less memory than others.
@Suite struct ConnectionMemoryTests {
    /// As long as any answer's head gets: a callback's, with a page's address and all cookies.
    private static func handler() -> RecordingHandler {
        RecordingHandler { request in
            .now(
                HTTPResponse(
                    .ok, headers: ["X-Long": String(repeating: "x", count: 5000)], text: request.target.path.string))
        }
    }

    /// The first heads of two connections: one that is small, and one for which there is more memory.
    private static let firsts = [head("/small"), head("/large?a=" + String(repeating: "x", count: 4096))]

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
        ("one cookie", head(of: limit, ["Cookie: a="])),
        // As many as a browser keeps for one site.
        ("180 cookies", head(of: limit, ["Cookie: " + (0..<180).map { "cookie\($0)=\($0)" }.joined(separator: "; ")])),
        ("97 fields and a cookie", head(of: limit, (0..<97).map { "X-Field-\($0): \($0)" } + ["Cookie: a="])),
        ("98 fields", head(of: limit, (0..<98).map { "X-Field-\($0): \($0)" })),
    ]

    @Test func `a head of the limit's size is answered, whatever it is full of, on any connection`() async throws {
        let handler = Self.handler()
        let server = try TestServer.start(handler)
        let port = server.port
        for (name, text) in Self.heads {
            for first in Self.firsts {
                let statuses = try await onThread {
                    let connection = try RawConnection(port: port)
                    return [first, text, first].map { head in
                        connection.send(head)
                        return connection.receiveResponse()?.status
                    }
                }
                #expect(statuses == [200, 200, 200], "\(name) behind \(first.count) bytes")
            }
        }
        #expect(handler.refusals == [])
        await server.stop()
    }

    @Test func `one byte more is refused by the handler, on any connection`() async throws {
        let handler = Self.handler()
        let server = try TestServer.start(handler)
        let port = server.port
        for first in Self.firsts {
            let refused = try await onThread {
                let connection = try RawConnection(port: port)
                connection.send(first)
                _ = connection.receiveResponse()
                connection.send(Self.head(of: Self.limit + 1, ["Cookie: a="]))
                return connection.receiveResponse()
            }
            #expect(refused?.status == 400 && refused?["X-Refused-By"] == "handler", "\(first.count) bytes")
        }
        #expect(handler.refusals == [.headTooLarge, .headTooLarge])
        await server.stop()
    }

    @Test func `a parameter of 64 KiB is refused by the handler on a new connection and on one with more memory`()
        async throws
    {
        let handler = Self.handler()
        let server = try TestServer.start(handler)
        let port = server.port
        let long = Self.head("/ask/x?a=" + String(repeating: "x", count: 65_536))
        for heads in [[long], [Self.firsts[1], long]] {
            let refused = try await onThread {
                let connection = try RawConnection(port: port)
                return heads.map { head in
                    connection.send(head)
                    return connection.receiveResponse()?["X-Refused-By"]
                }.last
            }
            #expect(refused == "handler", "\(heads.count)")
        }
        await server.stop()
    }

    @Test func `what does not even fit is refused by the library and reaches nobody`() async throws {
        let handler = Self.handler()
        let server = try TestServer.start(handler)
        let port = server.port
        let (status, isClosed) = try await onThread {
            let connection = try RawConnection(port: port)
            connection.send(Self.firsts[0])
            _ = connection.receiveResponse()
            connection.send(Self.head("/ask/x?a=" + String(repeating: "x", count: 65_536)))
            let all = connection.receiveAll()
            return (RawResponse(all.bytes)?.status ?? 0, all.isClosed)
        }
        #expect((400..<500).contains(status) && isClosed)
        #expect(handler.seenPaths == ["/small"])
        await server.stop()
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
            $0.headDeadline = .milliseconds(500)
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

    /// Or a loop whose server is full would be woken up for ever by those who wait.
    @Test func `nobody is heard knocking at a door that does not listen`() throws {
        let listener = try ListeningSocket.open(.tcp(host: "127.0.0.1", port: 0), isShared: false)
        guard case .tcp(_, let port) = listener.address else { Issue.record("no port"); return }
        let door = try #require(
            Door(listener.descriptor, AddressCounts(limit: nil)))
        defer { door.shut() }
        func isHeard() -> Bool {
            var watched = pollfd(fd: door.events, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&watched, 1, 0) == 1
        }
        let guest = try RawConnection(port: port)
        for _ in 0..<2 {
            door.listen(true)
            #expect(isHeard())
            door.listen(false)
            #expect(!isHeard())
        }
        door.listen(true)
        #expect(door.arrivals(room: 0, deadline: .max).isEmpty && door.waiting == 0)
        #expect(door.arrivals(room: 1, deadline: .max).isEmpty && door.waiting == 1 && !isHeard())
        guest.send("G")
        let arrived = door.arrivals(room: 0, deadline: .max)
        for each in arrived { close(each.record.descriptor) }
        #expect(arrived.map(\.needsRoom) == [true] && door.waiting == 0)
    }
}

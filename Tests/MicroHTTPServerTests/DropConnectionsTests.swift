import HTTP
import TestSupport
import Testing
import Untrusted

@testable import MicroHTTPServer

/// Who is closed for a newcomer at the connection limit.
@Suite struct DropConnectionsTests {
    @Test(arguments: [1, 2]) func `silent connections take a listener from nobody`(_ loops: Int) async throws {
        let server = try TestServer.start {
            $0.maximumConnections = 16
            $0.eventLoops = loops
        }
        let port = server.port
        let (answered, longest) = try await onThread {
            let silent = try (0..<40).map { _ in try RawConnection(port: port) }
            let partial = try (0..<40).map { _ in
                let connection = try RawConnection(port: port)
                connection.send("GET / HTTP/1.1\r\nHost: ")
                return connection
            }
            var (answered, longest) = (0, Duration.zero)
            for _ in 0..<20 {
                let began = ContinuousClock.now
                let newcomer = try RawConnection(port: port)
                newcomer.send(ConnectionTests.get)
                if newcomer.receiveResponse(patience: 60)?.status == 200 { answered += 1 }
                longest = max(longest, ContinuousClock.now - began)
            }
            return withExtendedLifetime((silent, partial)) { (answered, longest) }
        }
        #expect(answered == 20)
        // The heads have 300 seconds, and the queue before the first newcomer has 64 silent connections.
        #expect(longest < .seconds(60))
        await server.stop()
    }

    @Test func `silent connections are closed before a proxy's kept ones`() async throws {
        let server = try TestServer.start { $0.maximumConnections = 8 }
        let port = server.port
        let (answered, kept) = try await onThread {
            let kept = try (0..<4).map { _ in try RawConnection(port: port) }
            for connection in kept {
                connection.send(ConnectionTests.get)
                _ = connection.receiveResponse()
            }
            let silent = try (0..<4).map { _ in try RawConnection(port: port) }
            let newcomers = try (0..<4).map { _ in
                let newcomer = try RawConnection(port: port)
                newcomer.send(ConnectionTests.get)
                return newcomer
            }
            let answered = newcomers.filter { $0.receiveResponse(patience: 30)?.status == 200 }.count
            let isClosed = silent.allSatisfy { $0.receive(patience: 10)?.isEmpty == true }
            for connection in kept { connection.send(ConnectionTests.get) }
            return (isClosed ? answered : -1, kept.filter { $0.receiveResponse()?.status == 200 }.count)
        }
        #expect(answered == 4 && kept == 4)
        await server.stop()
    }

    @Test func `answers that wait for a task take half of the connections, and decisions have the rest`() async throws {
        let gate = Gate()
        let handler = RecordingHandler { request in
            guard request.target.path == "/later" else { return .now(HTTPResponse(.ok)) }
            return .later {
                await gate.pass()
                return HTTPResponse(.ok, text: "late")
            }
        }
        let server = try TestServer.start(handler) { $0.maximumConnections = 8 }
        let port = server.port
        let (waiting, refused, decision) = try await onThread {
            let connections = try (0..<8).map { _ in try RawConnection(port: port) }
            for connection in connections { connection.send("GET /later HTTP/1.1\r\nHost: a.test\r\n\r\n") }
            let answers = connections.map { $0.receiveResponse(patience: 0.5) }
            let waiting = zip(connections, answers).filter { $1 == nil }.map { $0.0 }
            let newcomer = try RawConnection(port: port)
            newcomer.send(ConnectionTests.get)
            let decision = newcomer.receiveResponse()?.status
            return (waiting, answers.filter { $0?.status == 503 && $0?["Retry-After"] == "1" }.count, decision)
        }
        #expect(waiting.count == 4 && refused == 4 && decision == 200)
        await gate.open()
        let late = try await onThread { waiting.filter { $0.receiveResponse()?.body == "late" }.count }
        #expect(late == 4)
        // Their share is free again.
        let again = try await server.exchange("GET /later HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(again.hasSuffix("late"))
        await server.stop()
    }

    @Test func `a client that leaves before its answer frees its connection`() async throws {
        let gate = Gate()
        let handler = RecordingHandler { request in
            guard request.target.path == "/later" else { return .now(HTTPResponse(.ok)) }
            return .later {
                await gate.pass()
                return HTTPResponse(.ok)
            }
        }
        let server = try TestServer.start(handler) { $0.maximumConnections = 1 }
        let port = server.port
        let newcomer = try await onThread {
            let connection = try RawConnection(port: port)
            connection.resetAtEnd()
            connection.send("GET /later HTTP/1.1\r\nHost: a.test\r\n\r\n")
            // Its request is read when nothing has come for so long: the one place is taken.
            #expect(connection.receive(patience: 0.5) == nil)
            return try RawConnection(port: port)
        }
        let status = try await onThread {
            newcomer.send(ConnectionTests.get)
            return newcomer.receiveResponse()?.status
        }
        #expect(status == 200)
        // The task that goes on has no one to answer any more, and nothing breaks.
        await gate.open()
        let text = try await server.exchange("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    /// Version 0.9.75 kept such a connection until the head's deadline.
    @Test(arguments: ["GET / HT", "GET / HTTP/1.1\r\nHost: a"])
    func `a client that closes in the middle of a head frees its connection`(part: String) async throws {
        let server = try TestServer.start()
        let port = server.port
        for first in ["", ConnectionTests.get] {
            let isClosed = try await onThread {
                let connection = try RawConnection(port: port)
                if !first.isEmpty {
                    connection.send(first)
                    _ = connection.receiveResponse()
                }
                connection.send(part)
                connection.finishSending()
                return connection.receiveAll(patience: 20).isClosed
            }
            #expect(isClosed)
        }
        await server.stop()
    }

    @Test func `a whole request of a client that closes its sending side behind it is answered`() async throws {
        let server = try TestServer.start()
        let port = server.port
        let answered = try await onThread {
            try (0..<50).filter { _ in
                let connection = try RawConnection(port: port)
                connection.send(ConnectionTests.get)
                connection.finishSending()
                return connection.receiveResponse()?.status == 200
            }.count
        }
        #expect(answered == 50)
        await server.stop()
    }

    @Test func `requests under way are not closed for a newcomer`() async throws {
        let gate = Gate()
        let handler = RecordingHandler { request in
            guard request.target.path == "/later" else { return .now(HTTPResponse(.ok)) }
            return .later {
                await gate.pass()
                return HTTPResponse(.ok, text: "late")
            }
        }
        let server = try TestServer.start(handler) { $0.maximumConnections = 8 }
        let port = server.port
        let connections = try await onThread {
            let connections = try (0..<4).map { _ in try RawConnection(port: port) }
            for connection in connections { connection.send("GET /later HTTP/1.1\r\nHost: a.test\r\n\r\n") }
            let silent = try (0..<8).map { _ in try RawConnection(port: port) }
            let newcomer = try RawConnection(port: port)
            newcomer.send(ConnectionTests.get)
            #expect(newcomer.receiveResponse(patience: 30)?.status == 200)
            return withExtendedLifetime(silent) { connections }
        }
        await gate.open()
        let late = try await onThread { connections.filter { $0.receiveResponse()?.body == "late" }.count }
        #expect(late == 4)
        await server.stop()
    }
}

import HTTP
import Locking
import MicroHTTPServer
import TestSupport
import Testing
import Untrusted

@Suite struct DrainTests {
    /// Clients keep asking until they are told to go; whoever was let in gets an answer, and the server ends.
    @Test(arguments: [1, 2]) func `loses no answer under load`(_ loops: Int) async throws {
        let handler = RecordingHandler { request in
            guard request.target.path == "/later" else { return .now(HTTPResponse(.ok)) }
            return .later {
                try? await Task.sleep(for: .milliseconds(5))
                return HTTPResponse(.ok)
            }
        }
        let server = try TestServer.start(handler) { $0.eventLoops = loops }
        let port = server.port
        let answered = Locked(0)
        let lost = try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    try await onThread { Self.ask(lane.isMultiple(of: 2) ? "/now" : "/later", port, answered) }
                }
            }
            while answered.withLock({ $0 }) < 200 { try await Task.sleep(for: .milliseconds(5)) }
            await server.stop(within: .seconds(30))
            return try await group.reduce(0, +)
        }
        // Every request that the handler saw was answered. A connection that the kernel greets between the last
        // `accept` and the listener's `close` is reset before anyone saw a byte of it: one a lane at most.
        #expect(handler.seenPaths.count == answered.withLock { $0 })
        #expect(lost <= 8)
        #expect(throws: RawConnection.Failure.self) { try RawConnection(port: port) }
    }

    /// Asks over new connections, two requests each, until none is let in; the number of requests without an answer.
    private static func ask(_ path: String, _ port: UInt16, _ answered: Locked<Int>) -> Int {
        var lost = 0
        while let connection = try? RawConnection(port: port) {
            for _ in 0..<2 {
                connection.send("GET \(path) HTTP/1.1\r\nHost: a.test\r\n\r\n")
                guard let response = connection.receiveResponse(), response.status == 200 else {
                    lost += 1
                    break
                }
                answered.withLock { $0 += 1 }
                if response["Connection"]?.lowercased() == "close" { break }
            }
        }
        return lost
    }

    @Test func `tells whoever still waits at the deadline, and takes no harm from answers after it`() async throws {
        let gate = Gate()
        let handler = RecordingHandler { _ in
            .later {
                await gate.pass()
                return HTTPResponse(.ok)
            }
        }
        let server = try TestServer.start(handler)
        let port = server.port
        let connections = try await onThread { try (0..<40).map { _ in try RawConnection(port: port) } }
        try await onThread { for connection in connections { connection.send(ConnectionTests.get) } }
        while await gate.waiting < 40 { try await Task.sleep(for: .milliseconds(5)) }
        await server.stop(within: .milliseconds(100))
        let told = try await onThread { connections.filter { $0.receiveResponse()?.status == 503 }.count }
        #expect(told == 40)
        await gate.open()
        // A second stop finds nothing to do.
        await server.stop()
    }

    @Test func `drops whoever is in the middle of a request at the deadline`() async throws {
        let server = try TestServer.start()
        let port = server.port
        let connection = try await onThread {
            let connection = try RawConnection(port: port)
            connection.send("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhalf")
            // Behind this answer the half request is in the server's hands.
            let other = try RawConnection(port: port)
            other.send(ConnectionTests.get)
            _ = other.receiveResponse()
            return connection
        }
        await server.stop(within: .milliseconds(200))
        #expect(try await onThread { connection.receiveAll().isClosed })
    }

    /// They were reset when the listener closed, although the kernel had told them that they are connected.
    @Test(arguments: [1, 2]) func `answers those that wait for a place when the drain begins`(_ loops: Int) async throws
    {
        let server = try TestServer.start {
            $0.maximumConnections = 8
            $0.eventLoops = loops
        }
        let port = server.port
        let (kept, waiting) = try await onThread {
            let kept = try (0..<8).map { _ in try RawConnection(port: port) }
            for connection in kept {
                connection.send(ConnectionTests.get)
                _ = connection.receiveResponse(patience: 0.2)
            }
            let waiting = try (0..<20).map { _ in try RawConnection(port: port) }
            for connection in waiting { connection.send(ConnectionTests.get) }
            return (kept, waiting)
        }
        await server.stop(within: .seconds(30))
        let answered = try await onThread { waiting.filter { $0.receiveResponse()?.status == 200 }.count }
        #expect(answered == 20)
        withExtendedLifetime(kept) {}
    }

    @Test func `ends soon when nobody is there`() async throws {
        let start = ContinuousClock.now
        for _ in 0..<20 { await (try TestServer.start()).stop(within: .seconds(60)) }
        #expect(ContinuousClock.now - start < .seconds(30))
    }
}

import HTTP
import TestSupport
import Testing

@testable import MicroHTTPServer

/// Clients that send bodies slowly, all from one address, as a proxy's are.
@Suite struct SlowBodyTests {
    private static func post(_ length: Int) -> String {
        "POST /sso/webhook HTTP/1.1\r\nHost: a.test\r\nContent-Length: \(length)\r\n\r\n"
    }

    @Test(arguments: [1, 2]) func `RT-105: 140 slow bodies at a limit of 64 leave decisions their connections`(
        _ loops: Int
    ) async throws {
        let handler = RecordingHandler()
        let server = try TestServer.start(handler) {
            $0.maximumConnections = 64
            $0.eventLoops = loops
            // Nothing but the reserved connections helps.
            $0.bodyDeadline = .seconds(300)
            $0.bodyPeriod = .seconds(300)
        }
        let port = server.port
        let (answered, longest, held) = try await onThread {
            let slow = try (0..<140).map { _ in
                let connection = try RawConnection(port: port)
                connection.send(Self.post(2000) + "half")
                return connection
            }
            var (answered, longest) = (0, Duration.zero)
            for _ in 0..<50 {
                let began = ContinuousClock.now
                let connection = try RawConnection(port: port)
                connection.send(ConnectionTests.get)
                let decision = connection.receiveResponse(patience: 20)
                connection.send(Self.post(4) + "body")
                let whole = connection.receiveResponse(patience: 20)
                if decision?.status == 200, whole?.body == "POST 4" { answered += 1 }
                longest = max(longest, ContinuousClock.now - began)
            }
            return (answered, longest, slow.filter { $0.receive(patience: 0.01) == nil }.count)
        }
        #expect(answered == 50)
        #expect(longest < .seconds(20))
        // A quarter of 64, of which quick bodies have pushed out some.
        #expect(held <= 16)
        await server.stop(within: .milliseconds(200))
    }

    /// Sends `burst` bytes, then `piece` every 50 ms until `length` bytes are out; the status, or nil where the connection
    /// was closed.
    private func send(_ piece: Int, of length: Int, burst: Int = 0) async throws -> Int? {
        let server = try TestServer.start {
            $0.bodyDeadline = .seconds(300)
            $0.bodyPeriod = .seconds(1)
        }
        let port = server.port
        let status: Int? = try await onThread {
            let connection = try RawConnection(port: port)
            connection.send(Self.post(length))
            connection.send([UInt8](repeating: 0x61, count: burst))
            for _ in 0..<(length - burst) / piece {
                connection.send([UInt8](repeating: 0x62, count: piece))
                if let answer = connection.receive(patience: 0.05) { return RawResponse(answer)?.status }
            }
            return connection.receiveResponse()?.status
        }
        await server.stop(within: .milliseconds(200))
        return status
    }

    private static func record(withBody: Bool) -> ConnectionRecord {
        let record = ConnectionRecord(descriptor: -1, peer: .unixSocket, opened: 0, deadline: .max)
        if withBody {
            record.body = ReceivedBody(length: 1, limit: 1, usual: 1, began: 0)
        }
        return record
    }

    @Test func `a request without a body costs the same however many bodies are open`() {
        var bodies = OpenBodies(connections: 80_000)
        let records = (0..<20_000).map { _ in Self.record(withBody: true) }
        for record in records { _ = bodies.began(record) }
        let decision = Self.record(withBody: false)
        let time = leastTime(until: .seconds(1)) { for _ in 0..<20_000 { bodies.ended(decision) } }
        // A search each time makes 400 million comparisons.
        #expect(time < .seconds(1))
    }

    @Test func `RT-105: a body that trickles is cut by the minimum rate`() async throws {
        #expect(try await send(1, of: 2000) == nil)
    }

    @Test func `RT-105: a body that keeps up the minimum rate is taken, however long it needs`() async throws {
        #expect(try await send(1000, of: 60_000) == 200)
    }

    @Test func `RT-105: a burst at a body's start does not pay for a trickle behind it`() async throws {
        // 30 seconds at the minimum rate, and the trickle would be complete after 10.
        #expect(try await send(1, of: 30_200, burst: 30_000) == nil)
    }

    @Test func `large bodies that do not end shut out no other`() async throws {
        let server = try TestServer.start(LargeBodyHandler()) {
            $0.bodyDeadline = .seconds(300)
            $0.bodyPeriod = .seconds(300)
        }
        let port = server.port
        let (statuses, held) = try await onThread {
            let slow = try (0..<40).map { _ in
                let connection = try RawConnection(port: port)
                connection.send(Self.post(200_000) + String(repeating: "s", count: 70_000))
                return connection
            }
            let statuses = try (0..<10).map { _ in
                let connection = try RawConnection(port: port)
                connection.send(Self.post(100_000) + String(repeating: "w", count: 100_000))
                return connection.receiveResponse()?.status
            }
            return (statuses, slow.filter { $0.receive(patience: 0.01) == nil }.count)
        }
        #expect(statuses == Array(repeating: 200, count: 10))
        #expect(held < 32)
        await server.stop(within: .milliseconds(200))
    }
}

private struct LargeBodyHandler: HTTPHandler {
    func answer(_ request: HTTPRequest) -> HTTPAnswer { .now(HTTPResponse(.ok)) }
    func bodyLimit(for request: HTTPRequest) -> Int? { 1_000_000 }
}

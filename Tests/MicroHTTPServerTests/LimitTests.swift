import Dispatch
import Glibc
import HTTP
import Locking
import TestSupport
import Testing

@testable import MicroHTTPServer

@Suite struct LimitTests {
    /// Seconds until the server closes, with `trickle` sent byte by byte; nil where it does not within 20 s.
    private func life(
        of first: String, trickle: String = "", _ change: (inout ServerSettings) -> Void
    ) async throws -> Double? {
        let server = try TestServer.start(RecordingHandler(), change)
        let port = server.port
        let life: Double? = try await onThread {
            let connection = try RawConnection(port: port)
            let start = ContinuousClock.now
            connection.send(first)
            for byte in trickle.utf8 {
                if connection.receive(patience: 0.05)?.isEmpty == true { break }
                connection.send([byte])
            }
            guard connection.receiveAll(patience: 20).isClosed else { return nil }
            return (ContinuousClock.now - start) / .seconds(1)
        }
        await server.stop()
        return life
    }

    @Test func `drops a head that trickles in`() async throws {
        let slow = String(repeating: "a", count: 2000)
        let life = try await life(of: "GET / HTTP/1.1\r\nA: ", trickle: slow) { $0.headDeadline = .milliseconds(400) }
        #expect(try #require(life) > 0.3)
        #expect(try #require(life) < 20)
    }

    @Test func `drops a connection that says nothing`() async throws {
        let life = try await life(of: "") { $0.headDeadline = .milliseconds(400) }
        #expect(try #require(life) < 20)
    }

    @Test func `drops a body that trickles in`() async throws {
        let head = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2000\r\n\r\n"
        let slow = String(repeating: "a", count: 1999)
        let life = try await life(of: head, trickle: slow) { $0.bodyDeadline = .milliseconds(400) }
        #expect(try #require(life) > 0.3)
        #expect(try #require(life) < 20)
    }

    @Test func `drops a kept connection that is idle`() async throws {
        let life = try await life(of: ConnectionTests.get) { $0.idleTimeout = .seconds(1) }
        #expect(try #require(life) > 0.9)
        #expect(try #require(life) < 20)
    }

    @Test func `does not drop a connection whose answer takes its time`() async throws {
        let handler = RecordingHandler { _ in
            .later {
                try? await Task.sleep(for: .seconds(2.5))
                return HTTPResponse(.ok, text: "late")
            }
        }
        let server = try TestServer.start(handler) {
            $0.idleTimeout = .seconds(1)
            $0.headDeadline = .seconds(1)
            $0.bodyDeadline = .seconds(1)
        }
        let text = try await server.exchange("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        #expect(text.hasSuffix("late"))
        await server.stop()
    }

    @Test func `holds no more connections than its limit`() async throws {
        let server = try TestServer.start { $0.maximumConnections = 10 }
        let port = server.port
        let (first, second, open) = try await onThread {
            let held = try (0..<10).map { _ in try RawConnection(port: port) }
            for connection in held { connection.send(ConnectionTests.get) }
            let first = held.filter { $0.receiveResponse()?.status == 200 }.count
            let next = try (0..<10).map { _ in try RawConnection(port: port) }
            for connection in next { connection.send(ConnectionTests.get) }
            let second = next.filter { $0.receiveResponse()?.status == 200 }.count
            return (first, second, (held + next).filter { $0.receive(patience: 0.01) == nil }.count)
        }
        #expect(first == 10)
        // One idle connection was closed for each.
        #expect(second == 10)
        #expect(open <= 10)
        await server.stop()
    }

    /// A newcomer waited for the loop's next look at the clock where two connections ended in one run.
    @Test func `serves a newcomer at once when several connections end together at the limit`() async throws {
        let holdUp = Locked<DispatchSemaphore?>(nil)
        let handler = RecordingHandler { _ in
            holdUp.withLock { $0 }?.wait()
            return .now(HTTPResponse(.ok))
        }
        let server = try TestServer.start(handler) { $0.maximumConnections = 8 }
        let port = server.port
        let waits = try await onThread {
            try (0..<9).map { _ in
                var held = try (0..<8).map { _ in try RawConnection(port: port) }
                for connection in held { connection.send(ConnectionTests.get) }
                for connection in held { _ = connection.receiveResponse() }
                let newcomer = try RawConnection(port: port)
                newcomer.send(ConnectionTests.get)
                // While the loop is held up here, two more end, so that it sees both in one run.
                let semaphore = DispatchSemaphore(value: 0)
                holdUp.withLock { $0 = semaphore }
                held[0].send(ConnectionTests.get)
                usleep(20_000)
                held.removeSubrange(6...)
                holdUp.withLock { $0 = nil }
                let began = ContinuousClock.now
                semaphore.signal()
                _ = newcomer.receiveResponse()
                return ContinuousClock.now - began
            }
        }
        // The best of them: on a loaded machine some wait for a processor.
        #expect(try #require(waits.min()) < .milliseconds(300), "\(waits)")
        await server.stop()
    }

    @Test func `holds no more connections than its limit in all its loops together`() async throws {
        let server = try TestServer.start {
            $0.maximumConnections = 11
            $0.eventLoops = 2
        }
        let port = server.port
        let (answered, open) = try await onThread {
            let connections = try (0..<30).map { _ in try RawConnection(port: port) }
            for connection in connections { connection.send(ConnectionTests.get) }
            let answered = connections.filter { $0.receiveResponse(patience: 20)?.status == 200 }
            // Idle ones are closed for others.
            return (answered.count, answered.filter { $0.receive(patience: 0.01) == nil }.count)
        }
        #expect(answered == 30)
        #expect((1...10).contains(open), "\(open)")
        await server.stop()
    }

    @Test(arguments: [(4096, 1, 4096), (11, 2, 5), (2, 4, 1), (1, 8, 1)])
    func `gives each loop a share, and has no more loops than connections`(total: Int, loops: Int, share: Int) {
        var settings = ServerSettings(listen: .tcp(host: "127.0.0.1", port: 0))
        settings.maximumConnections = total
        settings.eventLoops = loops
        #expect(settings.maximumConnectionsPerLoop == share)
        #expect(settings.loops * share <= total)
    }

    @Test func `exempts loopback from the limit per address`() async throws {
        let server = try TestServer.start { $0.maximumConnectionsPerAddress = 2 }
        let port = server.port
        let answered = try await onThread {
            let connections = try (0..<20).map { _ in try RawConnection(port: port) }
            for connection in connections { connection.send(ConnectionTests.get) }
            return connections.filter { $0.receiveResponse()?.status == 200 }.count
        }
        #expect(answered == 20)
        await server.stop()
    }

    @Test(arguments: [(4096, 64, 64), (64, 64, 16), (100, 64, 25), (2, 64, 1), (64, nil, nil)] as [(Int, Int?, Int?)])
    func `one address has at most a quarter of all connections`(total: Int, each: Int?, limit: Int?) {
        var settings = ServerSettings(listen: .tcp(host: "127.0.0.1", port: 0))
        settings.maximumConnections = total
        settings.maximumConnectionsPerAddress = each
        #expect(settings.addressLimit == limit)
    }

    @Test(arguments: [
        ("2001:db8::1", "2001:db8::ffff:2", true), ("2001:db8::1", "2001:db8:0:1::1", false),
        ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1", "::ffff:192.0.2.1", true),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2", false),
    ])
    func `RT-84 RT-102: a /64 of IPv6 is one client`(first: String, second: String, isOne: Bool) throws {
        let counts = AddressCounts(limit: 1)
        counts.opened(.ip(try #require(IPAddress(first))))
        let other = PeerAddress.ip(try #require(IPAddress(second)))
        #expect(counts.mayOpen(other) == !isOne)
        counts.closed(.ip(try #require(IPAddress(first))))
        #expect(counts.mayOpen(other))
    }

    @Test func `counts the connections of an address`() throws {
        let counts = AddressCounts(limit: 2)
        let one = PeerAddress.ip(try #require(IPAddress("192.0.2.1")))
        let other = PeerAddress.ip(try #require(IPAddress("192.0.2.2")))
        let loopback = PeerAddress.ip(try #require(IPAddress("127.0.0.1")))
        for peer in [one, one, other, loopback, loopback, loopback, .unixSocket, .unixSocket] { counts.opened(peer) }
        #expect(!counts.mayOpen(one))
        for peer in [other, loopback, .unixSocket] { #expect(counts.mayOpen(peer)) }
        counts.closed(one)
        #expect(counts.mayOpen(one))
        for _ in 0..<100 { AddressCounts(limit: nil).opened(one) }
        #expect(AddressCounts(limit: nil).mayOpen(one))
    }
}

import Glibc
import Locking
import Marketplace
import MicroHTTPServer
import TestSupport
import Testing

@testable import Gateway
@testable import sso_gateway

/// Clients that leave before the answer. On a Unix socket the kernel reports the end at once; on TCP a close is a half-close first.
@Suite struct BrokerGoneClientTests {
    /// A broker before a marketplace at this address, and its connections.
    private struct World: Sendable {
        let broker: BrokerWorld
        let path: String?

        /// Sends a call and does not wait for its answer.
        func open() async throws -> RawConnection {
            let request = """
                POST \(BrokerWorld.below)/billing/finalize HTTP/1.1\r\nHost: a\r\n\
                Authorization: Bearer \(BrokerWorld.token)\r\n\r\n
                """
            return try await onThread { [path, port = broker.port] in
                let connection = try path.map { try RawConnection(path: $0) } ?? RawConnection(port: port)
                connection.send(request)
                return connection
            }
        }

        func openAll() async throws -> [RawConnection] {
            var held: [RawConnection] = []
            for _ in 0..<BrokerCalls.perInstallation { held.append(try await open()) }
            return held
        }

        func status() async throws -> Int? {
            let connection = try await open()
            return try await onThread { connection.receiveResponse()?.status }
        }

        var goneLines: Int {
            broker.auditLines.filter { $0.contains("outcome=client_gone") && $0.contains("status=499 ") }.count
        }
    }

    private static func run(
        _ isUnix: Bool, _ apiURL: String, _ body: (World) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let path = isUnix ? folder.path("broker.sock") : nil
        try await BrokerWorld.run {
            $0.apiURL = apiURL
            if let path { $0.brokerListen = .unix(path: path) }
        } _: {
            try await body(World(broker: $0, path: path))
        }
    }

    /// Waits until it is so, for half a minute at most.
    private static func wait(until isSo: () -> Bool) async throws {
        let began = ContinuousClock.now
        while !isSo(), ContinuousClock.now - began < .seconds(30) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(isSo())
    }

    @Test(arguments: [false, true])
    func `a call that was sent keeps its place until the marketplace answers`(isUnix: Bool) async throws {
        let most = BrokerCalls.perInstallation
        let mayAnswer = Locked(false)
        let slow = try ScriptedServer { _ in
            [
                .reply { _ in
                    while !mayAnswer.withLock({ $0 }) { usleep(5000) }
                    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                }
            ]
        }
        defer {
            mayAnswer.withLock { $0 = true }
            slow.stop()
        }
        try await Self.run(isUnix, "http://127.0.0.1:\(slow.port)") { world in
            var held = try await world.openAll()
            try await Self.wait { slow.requests.count == most }
            held = []
            // The broker knows of the leaving long before this.
            try await Task.sleep(for: .milliseconds(700))
            #expect(world.goneLines == 0)
            #expect(try await world.status() == 503)
            #expect(slow.requests.count == most)
            mayAnswer.withLock { $0 = true }
            try await Self.wait { world.goneLines == most }
            #expect(try await world.status() == 200)
            #expect(slow.requests.count == most + 1)
            #expect(world.goneLines == most && world.broker.auditLines.count == most + 2)
            withExtendedLifetime(held) {}
        }
    }

    @Test func `a marketplace that never answers keeps the place until the call's time ends`() async throws {
        let silent = try ScriptedServer { number in
            number < BrokerCalls.perInstallation
                ? [.awaitRequest, .awaitClose]
                : [.awaitRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")]
        }
        defer { silent.stop() }
        try await Self.run(false, "http://127.0.0.1:\(silent.port)") { world in
            var held = try await world.openAll()
            try await Self.wait { silent.requests.count == BrokerCalls.perInstallation }
            held = []
            try await Task.sleep(for: .seconds(4))
            #expect(try await world.status() == 503)
            try await Self.wait {
                world.broker.auditLines.filter { $0.contains("outcome=timed_out") }.count == BrokerCalls.perInstallation
            }
            #expect(try await world.status() == 200)
            withExtendedLifetime(held) {}
        }
    }

    @Test(arguments: [false, true])
    func `a call that was not sent frees its place at once`(isUnix: Bool) async throws {
        // Without TLS nothing is written.
        let deaf = try ScriptedServer { _ in [.awaitClose] }
        defer { deaf.stop() }
        try await Self.run(isUnix, "https://127.0.0.1:\(deaf.port)") { world in
            var held = try await world.openAll()
            let most = BrokerCalls.perInstallation
            try await Self.wait { deaf.connectionCount == most }
            #expect(try await world.status() == 503)
            let began = ContinuousClock.now
            held = []
            try await Self.wait { world.goneLines == most }
            // Well before the five seconds for connecting end.
            #expect(ContinuousClock.now - began < .seconds(3))
            let next = try await world.open()
            try await Self.wait { deaf.connectionCount == most + 1 }
            withExtendedLifetime((held, next)) {}
        }
    }

    /// The clients are gone, so no connection waits for the marketplace's answers.
    @Test func `a stop waits for the calls of gone clients, so that each has its audit line`() async throws {
        let slow = try ScriptedServer { _ in
            [
                .awaitRequest, .pause(.seconds(2)),
                .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"),
            ]
        }
        defer { slow.stop() }
        try await Self.expectAuditLines(of: slow, "outcome=client_gone", limit: .seconds(8))
    }

    @Test func `a stop that waits no longer ends the calls of gone clients with their audit lines`() async throws {
        let silent = try ScriptedServer { _ in [.awaitRequest, .awaitClose] }
        defer { silent.stop() }
        try await Self.expectAuditLines(of: silent, "outcome=stopping", limit: .seconds(1))
    }

    private static func expectAuditLines(of marketplace: ScriptedServer, _ outcome: String, limit: Duration)
        async throws
    {
        try await run(false, "http://127.0.0.1:\(marketplace.port)") { world in
            let most = BrokerCalls.perInstallation
            var held = try await world.openAll()
            try await wait { marketplace.requests.count == most }
            held = []
            try await Task.sleep(for: .milliseconds(700))
            let began = ContinuousClock.now
            await world.broker.world.gateway.stop(within: limit)
            #expect(ContinuousClock.now - began < limit + .seconds(5))
            let lines = world.broker.world.log.all
            let stopped = try #require(lines.firstIndex { $0.hasPrefix("stopped") })
            let calls = lines[..<stopped].filter { $0.hasPrefix("marketplace_called") && $0.contains(outcome) }
            #expect(calls.count == most, "\(lines.suffix(3))")
            withExtendedLifetime(held) {}
        }
    }
}

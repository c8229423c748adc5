import HTTP
import Locking
import TestSupport
import Testing

@testable import MicroHTTPServer

/// Requests that the server gives up: the handler says how, and a task may be cancelled.
@Suite struct UnavailableTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"

    /// Waits until it is cancelled, or for ten seconds.
    private static func waiting(_ cancelled: Locked<Int>) -> RecordingHandler {
        RecordingHandler { _ in
            .later {
                do { try await Task.sleep(for: .seconds(10)) } catch { cancelled.withLock { $0 += 1 } }
                return HTTPResponse(.ok)
            }
        }
    }

    private static func open(_ port: UInt16) async throws -> RawConnection {
        try await onThread {
            let connection = try RawConnection(port: port)
            connection.send(request)
            return connection
        }
    }

    @Test func `the handler answers where too many tasks are at work`() async throws {
        let cancelled = Locked(0)
        let handler = Self.waiting(cancelled)
        let server = try TestServer.start(handler) {
            $0.maximumConnections = 4
            $0.cancelsForGoneClients = true
        }
        let held = [try await Self.open(server.port), try await Self.open(server.port)]
        while handler.seenPaths.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
        let refused = try #require(try await server.response(to: Self.request))
        #expect(refused.status == 503 && refused.headers.contains("X-Refused-By: handler") && refused.body == "busy")
        withExtendedLifetime(held) {}
        await server.stop(within: .zero)
    }

    @Test func `the handler answers where the time to stop is over`() async throws {
        let handler = Self.waiting(Locked(0))
        let server = try TestServer.start(handler)
        let held = try await Self.open(server.port)
        while handler.seenPaths.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        async let stopped: Void = server.stop(within: .milliseconds(100))
        let answer = try await onThread { held.receiveResponse() }
        #expect(answer?.status == 503 && answer?.body == "stopping")
        await stopped
    }

    @Test(arguments: [true, false])
    func `a client that closes its side cancels the task only where that is set`(cancels: Bool) async throws {
        let cancelled = Locked(0)
        let handler = Self.waiting(cancelled)
        let server = try TestServer.start(handler) { $0.cancelsForGoneClients = cancels }
        let connection = try await Self.open(server.port)
        while handler.seenPaths.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        connection.finishSending()
        let began = ContinuousClock.now
        while cancelled.withLock({ $0 }) == 0, ContinuousClock.now - began < .seconds(cancels ? 9 : 1) {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(cancelled.withLock { $0 } == (cancels ? 1 : 0))
        if cancels {
            let answer = try await onThread { connection.receiveResponse() }
            #expect(answer?.status == 503 && answer?.body == "abandoned")
        }
        await server.stop(within: .zero)
    }
}

import HTTP
import MicroHTTPServer
import TestSupport

/// A server on a free loopback port, for one test.
struct TestServer: Sendable {
    let server: MicroHTTPServer
    var port: UInt16 { server.port }

    static func start(
        _ handler: any HTTPHandler = RecordingHandler(), _ change: (inout ServerSettings) -> Void = { _ in }
    ) throws -> TestServer {
        var settings = ServerSettings(listen: .tcp(host: "127.0.0.1", port: 0))
        // A test whose machine has no time for it is slow, not cut off.
        settings.headDeadline = .seconds(300)
        change(&settings)
        return TestServer(server: try .start(settings, handler: handler))
    }

    /// Sends `bytes` over a connection of its own and reads until the server closes it.
    func exchange(_ bytes: [UInt8], patience: Double = 10) async throws -> String {
        let port = port
        return try await onThread {
            let connection = try RawConnection(port: port)
            connection.send(bytes)
            return String(decoding: connection.receiveAll(patience: patience).bytes, as: UTF8.self)
        }
    }

    func exchange(_ text: String, patience: Double = 10) async throws -> String {
        try await exchange(Array(text.utf8), patience: patience)
    }

    /// Sends `text` over a connection of its own and reads one response, after which the server may keep the connection.
    func response(to text: String) async throws -> RawResponse? {
        let port = port
        return try await onThread {
            let connection = try RawConnection(port: port)
            connection.send(text)
            return connection.receiveResponse()
        }
    }

    func stop(within limit: Duration = .seconds(5)) async { await server.drainAndStop(within: limit) }
}

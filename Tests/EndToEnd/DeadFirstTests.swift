import TestSupport
import Testing

/// The first name server does not answer.
@Suite(.enabled(if: NameServer.isPossible, "this user may not mount, or not bind port 53"))
struct `A dead first` {
    /// The C library waits five seconds for it by default. That is all the time that a connection has.
    @Test func `name server is passed over in time`() async throws {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer(.send("no TLS"), .awaitClose)
        defer { server.stop() }
        let names = [try await NameServer(in: folder, delay: nil), try await NameServer(in: folder, delay: 0)]
        defer { for server in names { server.stop() } }
        let verdict = try await NameServer.verdict(
            on: "https://keys.example.test:\(server.port)/", through: names, in: folder)
        #expect(verdict.contains("or TLS failed"), "\(verdict)")
        #expect(names.allSatisfy { $0.wasAsked })
    }

    /// libcurl gave the first address half of the time, and began with the second one when all of it was over.
    @Test func `address of a name leaves time for the second one`() async throws {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer(host: 2, .send("no TLS"), .awaitClose)
        defer { server.stop() }
        let silent = try SilentListener(port: server.port)
        defer { silent.stop() }
        let names = try await NameServer(in: folder, delay: 0, answer: ["127.0.0.1", "127.0.0.2"])
        defer { names.stop() }
        let began = ContinuousClock.now
        let verdict = try await NameServer.verdict(
            on: "https://keys.example.test:\(server.port)/", through: [names], in: folder)
        #expect(verdict.contains("or TLS failed"), "\(verdict)")
        // Half of the five seconds for connecting.
        #expect(ContinuousClock.now - began > .seconds(2))
    }
}

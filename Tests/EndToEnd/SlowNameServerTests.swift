import TestSupport
import Testing

@Suite(.enabled(if: NameServer.isPossible, "this user may not mount, or not bind port 53"))
struct `A slow name server` {
    private func answer(after seconds: Int) async throws -> String {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer(.send("no TLS"), .awaitClose)
        defer { server.stop() }
        let names = try await NameServer(in: folder, delay: seconds)
        defer { names.stop() }
        let url = "https://keys.example.test:\(server.port)/"
        let verdict = try await NameServer.verdict(on: url, through: [names], in: folder)
        #expect(names.wasAsked)
        return verdict
    }

    @Test func `RT-120: a name look-up of three seconds is waited for`() async throws {
        #expect(try await answer(after: 3).contains("or TLS failed"))
    }

    @Test func `RT-120: a name look-up of six seconds is not`() async throws {
        #expect(try await answer(after: 6).contains("no connection could be made"))
    }
}

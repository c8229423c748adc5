import HTTP
import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// The log's lines about a start: one that succeeded, and one that failed.
@Suite struct StartEventTests {
    private static func event(_ name: String, in output: String) throws -> JSONObject {
        let line = try #require(output.split(separator: "\n").first { $0.contains(#""event":"\#(name)""#) })
        return try JSONObject(parsing: SecretBytes(String(line)))
    }

    @Test func `a start names the version, the libraries, and the configuration by its digest`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            _ = try await world.process.line { $0.contains(#""event":"started""#) }
            let started = try Self.event("started", in: world.process.output)
            #expect(started["version"]?.text != nil && started["openssl"]?.text != nil)
            #expect(started["libmicrohttpd"]?.text != nil && started["libcurl"]?.text != nil)
            let digest = try #require(started["configuration"]?.text?.string)
            #expect(digest.utf8.count == 64)
            _ = try await world.reload("configuration_reloaded")
            let reloaded = try Self.event("configuration_reloaded", in: world.process.output)
            #expect(reloaded["configuration"]?.text?.string == digest)
        }
        await standIn.stop()
    }

    @Test(arguments: ["json", "text"]) func `a listener that cannot open fails the start with one event`(
        format: String
    ) async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(
            folder, marketplace: "http://127.0.0.1:9", listen: "unix:\(folder.path)/none/gateway.sock")
        let (code, output) = try await GatewayProcess.run(
            ["serve", "--config", file, "--log-format", format], in: folder)
        #expect(code == 1)
        guard format == "json" else {
            #expect(output.hasPrefix("sso-gateway: cannot listen on unix:"))
            return
        }
        let failed = try Self.event("start_failed", in: output)
        #expect(failed["problem"]?.text?.string.hasPrefix("cannot listen on unix:") == true)
        #expect(failed["level"]?.text?.string == "error")
        #expect(output.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
    }

    @Test func `a store that cannot be opened fails the start with one event`() async throws {
        let folder = try TestFolder()
        let store = try folder.write("store", "no database, but a text that is long enough to be read as a header")
        let file = try ProcessWorld.configure(
            folder, marketplace: "http://127.0.0.1:9", extra: "store: sqlite:\(store)")
        let (code, output) = try await GatewayProcess.run(["serve", "--config", file], in: folder)
        #expect(code == 1)
        #expect(try Self.event("start_failed", in: output)["problem"]?.text != nil)
    }

    @Test func `an invalid configuration is an event beside the problems in plain words`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", extra: "no_such_key: 1")
        let (code, output) = try await GatewayProcess.run(["serve", "--config", file], in: folder)
        #expect(code == 78 && output.contains("no_such_key"))
        let problem = try Self.event("start_failed", in: output)["problem"]?.text?.string
        #expect(problem?.contains("check --config \(file)") == true)
    }
}

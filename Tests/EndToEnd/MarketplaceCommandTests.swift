import Foundation
import JOSE
import OpenSSLCrypto
import TestSupport
import Testing
import Untrusted

@testable import ProviderStandIn

/// `sso-gateway marketplace …` as a process, with a gateway and a stand-in.
@Suite struct MarketplaceCommandTests {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    @Test func `a batch that is killed at random points loses and doubles nothing`() async throws {
        let folder = try TestFolder()
        let child = try #require(
            ChildProcess(
                ["--default-signal", Self.root + "/Tests/Kills/billing-submit", GatewayProcess.executable, "10"],
                in: folder.working, output: folder.output))
        let isSuccess = try await onThread { child.wait() }
        let output = textWritten(to: folder.output)
        #expect(isSuccess && output.contains("10 kills") && output.contains("none lost, none doubled"), "\(output)")
    }

    /// A client that is known by its user needs no token; what the client may not do is refused before a call.
    @Test func `a command calls over a Unix socket as the user that runs it`() async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]))
        let sockets = try TemporaryFolder()
        let socket = sockets.path("broker.sock")
        let section = """
            broker: { listen: "unix:\(socket)", clients: { job: { peer_uid: \(getuid()), operations: [getAccountInfo, submitBillingData] } } }
            """
        try await ProcessWorld.run(on: standIn, extra: section) { world in
            let installation = ProcessWorld.integration.installations[0].id
            let command = ["marketplace", "account", "get", installation]
            for address in [
                ["--broker", "unix:\(socket)"], ["--config", "\(world.folder.path)/gateway.yaml", "--client", "job"],
            ] {
                let folder = try TestFolder()
                let (code, output) = try await GatewayProcess.run(command + address + ["--json"], in: folder)
                #expect(code == 0 && output.contains("Analytical Engines"), "\(output)")
            }
            let calls = standIn.counters.accountLookups
            let refusals: [([String], Int32, String)] = [
                (["--broker", "unix:\(socket).none"], 1, "Is the gateway running"),
                (["--broker", "http://127.0.0.1:1"], 64, "Give --token-file"),
                (["--broker", "http://example.com", "--token-file", "token"], 1, "http:// on this machine"),
                (["--config", "\(world.folder.path)/gateway.yaml"], 64, "Which client?"),
                (
                    ["--config", "\(world.folder.path)/gateway.yaml", "--client", "jop"], 64,
                    "has no client jop; it has job"
                ),
                (["--config", "none.yaml", "--client", "job"], 78, "none.yaml"), ([], 64, "Where is the broker?"),
                (["--broker", "unix:/a", "--config", "b"], 64, "Give --config or --broker, not both"),
            ]
            for (address, wanted, says) in refusals {
                let folder = try TestFolder()
                try "a-token\n".write(toFile: folder.working + "/token", atomically: false, encoding: .utf8)
                unsafe chmod(folder.working + "/token", 0o600)
                let (code, output) = try await GatewayProcess.run(command + address, in: folder)
                #expect(code == wanted && output.contains(says), "\(address): \(code) \(output)")
            }
            let folder = try TestFolder()
            let (code, output) = try await GatewayProcess.run(
                [
                    "marketplace", "resource", "list", installation, "--config", "\(world.folder.path)/gateway.yaml",
                    "--client", "job",
                ],
                in: folder)
            #expect(code == 1 && output.contains("the client job may not call getIntegrationResources"), "\(output)")
            #expect(standIn.counters.accountLookups == calls)
        }
        await standIn.stop()
    }

    /// The marketplace's words are hostile: none of them commands the terminal, and no token is printed.
    @Test func `an answer is printed without what would command a terminal`() async throws {
        let head = "HTTP/1.1 403 Forbidden\r\nX-Vercel-Id: iad1::a\r\nRetry-After: 7\r\nConnection: close\r\n"
        let body = #"{"error":{"code":"forbidden\u001b[2J","message":"\u202eNo\u0007."}}"#
        let text = head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        let hostile = try ScriptedServer { _ in [.awaitRequest, .send(text)] }
        defer { hostile.stop() }
        for option in [[], ["--json"]] {
            let folder = try TestFolder()
            try "canary-token\n".write(toFile: folder.working + "/token", atomically: false, encoding: .utf8)
            unsafe chmod(folder.working + "/token", 0o600)
            let (code, output) = try await GatewayProcess.run(
                [
                    "marketplace", "account", "get", "icfg_1", "--broker", "127.0.0.1:\(hostile.port)", "--token-file",
                    "token",
                ]
                    + option, in: folder)
            #expect(code == 1 && output.contains("iad1::a") && output.contains("7 s"), "\(output)")
            #expect(output.unicodeScalars.allSatisfy { $0.isVisible || $0 == "\n" } && !output.contains("canary"))
        }
        #expect(hostile.requests.allSatisfy { $0.contains("Authorization: Bearer canary-token\r\n") })
    }
}

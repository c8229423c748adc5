import Foundation
import TestSupport
import Testing

@testable import ProviderStandIn

/// The JSON of commands, against the table in the manual.
@Suite struct CommandJSONTests {
    /// The names in the row of `command` under the manual's heading.
    private static func documented(_ command: String) throws -> Set<String> {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try String(contentsOfFile: "/\(root)/Sources/Gateway/Gateway.docc/Commands.md", encoding: .utf8)
        let section = page.split(separator: "\n").drop { $0 != "## JSON" }
        let row = try #require(section.first { $0.hasPrefix("| `\(command)` |") }, "no row for \(command)")
        return Set(row.split(separator: "|")[1].split(separator: "`").map(String.init).filter { !$0.contains(" ") })
    }

    private static func names(_ output: String) throws -> Set<String> {
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("{") }, "\(output)")
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return Set(try #require(object).keys)
    }

    private static func expect(_ command: String, _ arguments: [String], code: Int32 = 0, in folder: TestFolder)
        async throws
    {
        let answer = try await GatewayProcess.run(arguments, in: folder)
        #expect(answer.code == code, "\(command): \(answer.output)")
        let (printed, documented) = (try names(answer.output), try documented(command))
        #expect(printed == documented, "\(command)")
    }

    @Test func `commands without a gateway print what the manual lists`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        try await Self.expect("check --json", ["check", "--config", file, "--json"], in: folder)
        try await Self.expect(
            "check --live --json", ["check", "--config", file, "--live", "--json"], code: 1, in: folder)
        try await Self.expect("explain --json", ["explain", "--config", file, "--url", "/", "--json"], in: folder)
        try await Self.expect(
            "explain --json (refused)", ["explain", "--config", file, "--url", "https://other.test/", "--json"],
            in: folder)
        try await Self.expect(
            "keys list --json", ["keys", "list", "--key-ring", folder.path + "/keys.json", "--json"], in: folder)
        try await Self.expect(
            "keys rotate --json", ["keys", "rotate", "--key-ring", folder.path + "/keys.json", "--json"], in: folder)
        let keys = try folder.write("jwks.json", #"{"keys":[]}"#)
        try await Self.expect(
            "verify-token (refused)", ["verify-token", "--jwks", keys, "--signature-only", "a.b.c"], code: 1, in: folder
        )
    }

    @Test func `a problem is an object with file, line, key and message`() async throws {
        let folder = try TestFolder()
        let file = try folder.write("gateway.yaml", "public_url: https://app.example.test\nkey_rign: k\u{202e}\n")
        let answer = try await GatewayProcess.run(["check", "--config", file, "--json"], in: folder)
        #expect(answer.code == 78 && !answer.output.contains("\u{202e}"), "\(answer.output)")
        let object = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
        let problems = try #require(object?["problems"] as? [[String: Any]])
        #expect(object?["valid"] as? Bool == false)
        let wanted = problems.first { $0["key"] as? String == "key_rign" }
        #expect(wanted?["line"] as? Int == 2 && wanted?["file"] as? String == file)
        #expect(wanted?["message"] as? String == "is not a key that this version knows; did you mean `key_ring`?")
    }

    @Test func `commands of a running gateway print what the manual lists, over the admin socket`() async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]))
        try await ProcessWorld.run(on: standIn) { world in
            let config = ["--config", "\(world.folder.path)/gateway.yaml", "--json"]
            let folder = try TestFolder()
            try await Self.expect("ready --json", ["ready"] + config, in: folder)
            try await Self.expect("ready --alive --json", ["ready", "--alive"] + config, in: folder)
            try await Self.expect("store check --json", ["store", "check"] + config, in: folder)
            try await Self.expect("reload --json", ["reload"] + config, in: folder)
            try await Self.expect("sessions revoke --json", ["sessions", "revoke", "--all"] + config, in: folder)
            let put = try await GatewayProcess.run(
                ["installations", "put", "icfg_1", "--account-id", "acct_\u{1b}[31m"] + config.dropLast(), in: folder)
            #expect(put.code == 0 && !put.output.contains("\u{1b}"), "\(put.output)")
            try await Self.expect("installations list --json", ["installations", "list"] + config, in: folder)
            try await Self.expect(
                "installations show --json", ["installations", "show", "icfg_1"] + config, in: folder)
            let list = try await GatewayProcess.run(["installations", "list"] + config.dropLast(), in: folder)
            let lines = list.output.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("integration  installation  status"), "\(list.output)")
            // Columns begin where their heads begin.
            let head = try #require(lines[0].firstRange(of: "status")?.lowerBound.utf16Offset(in: lines[0]))
            let cell = try #require(lines[1].firstRange(of: "active")?.lowerBound.utf16Offset(in: lines[1]))
            #expect(head == cell)
            let socket = ["--admin", "unix:\(world.folder.path)/admin.sock", "--json"]
            _ = try ProcessWorld.configure(world.folder, marketplace: standIn.url, extra: "no_such: 1", ring: false)
            try await Self.expect("reload --json (refused)", ["reload"] + socket, code: 1, in: folder)
        }
        await standIn.stop()
    }
}

import Foundation
import TestSupport
import Testing

/// Commands on a real terminal, and into a pipe.
@Suite struct TerminalCommandTests {
    private static let (style, clearedLine) = ("\u{1b}[", "\r\u{1b}[K")

    private static func configured() throws -> (folder: TestFolder, file: String) {
        let folder = try TestFolder()
        return (folder, try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9"))
    }

    /// What a command prints on a terminal, with these variables.
    private static func onTerminal(_ variables: [String], _ arguments: [String], _ folder: TestFolder) throws -> (
        code: Int32, output: String
    ) {
        let person = try TerminalProcess(
            variables + [GatewayProcess.executable] + arguments, in: folder.working)
        return (person.exitCode(), person.output)
    }

    @Test func `styles are for terminals, and variables switch them off and on`() async throws {
        let (folder, file) = try Self.configured()
        let explain = ["explain", "--config", file, "--url", "/"]
        for (variables, isStyled) in [
            ([], true), (["NO_COLOR=1"], false), (["NO_COLOR="], true), (["TERM=dumb"], false),
            (["TERM=dumb", "CLICOLOR_FORCE=1"], true), (["NO_COLOR=1", "FORCE_COLOR=1"], false),
        ] {
            let (code, output) = try Self.onTerminal(variables, explain, folder)
            #expect(code == 0 && output.contains(Self.style) == isStyled, "\(variables): \(output)")
        }
        let piped = try await GatewayProcess.run(explain, in: folder)
        #expect(!piped.output.contains(Self.style))
    }

    @Test func `into a pipe no command writes a control sequence`() async throws {
        let (folder, file) = try Self.configured()
        let ring = folder.path + "/keys.json"
        for arguments in [
            ["check", "--config", file], ["check", "--config", "/none.yaml"], ["keys", "list", "--key-ring", ring],
            ["explain", "--config", file, "--url", "/x"], ["store", "check", "--config", file], ["version"],
            ["ready", "--config", file], ["installations", "list", "--config", file], ["reload", "--config", file],
            ["sessions", "revoke", "--all", "--config", file], ["snippet", "nginx", "--config", file],
            ["check", "--config", file, "--live"], ["init"], ["keys", "list", "--key-ring", "/\u{1b}[31m\u{202e}none"],
        ] {
            let (_, output) = try await GatewayProcess.run(arguments, in: folder)
            #expect(
                !output.isEmpty && !output.contains("\u{1b}") && !output.contains("\u{202e}"), "\(arguments): \(output)"
            )
        }
    }

    @Test func `a problem has its file, line, key and fix, with a mark`() throws {
        let (folder, file) = try Self.configured()
        try folder.write("gateway.yaml", "public_url: https://app.example.test\nkey_rign: keys.json\n")
        let (code, output) = try Self.onTerminal([], ["check", "--config", file], folder)
        #expect(code == 78)
        #expect(output.contains("\u{1b}[31m✗\u{1b}[0m \(file):2: key_rign: is not a key"), "\(output)")
        #expect(output.contains("did you mean `key_ring`?"))
    }

    @Test func `work of more than a second shows its progress on a terminal alone, and leaves no line`() async throws {
        let silent = try ScriptedServer(.awaitClose)
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:\(silent.port)")
        let arguments = ["check", "--config", file, "--live", "--json"]
        let person = try TerminalProcess([GatewayProcess.executable] + arguments, in: folder.working)
        let dumb = try TerminalProcess(["TERM=dumb", GatewayProcess.executable] + arguments, in: folder.working)
        try person.wait(for: Self.clearedLine + "trying the other servers")
        // The first check has no answer within eight seconds.
        try person.wait(for: "\"valid\":true")
        #expect(person.exitCode() == 1 && dumb.exitCode() == 1)
        #expect(!dumb.output.contains("trying"), "\(dumb.output)")
        let lastLine = person.output.split(separator: "\n", omittingEmptySubsequences: true).last ?? ""
        #expect(lastLine.contains(Self.clearedLine + "{"), "\(lastLine)")
        silent.stop()
    }

    @Test func `a token's verdict on a terminal is for people, with --json for programs`() throws {
        let folder = try TestFolder()
        let keys = try folder.write("jwks.json", #"{"keys":[]}"#)
        let arguments = ["verify-token", "--jwks", keys, "--signature-only", "a.b.c"]
        let (code, output) = try Self.onTerminal([], arguments, folder)
        #expect(code == 1 && output.contains("✗") && output.contains("look at"), "\(output)")
        let json = try Self.onTerminal([], arguments + ["--json"], folder)
        #expect(json.code == 1 && json.output.hasPrefix(#"{"valid":false"#), "\(json.output)")
    }
}

import TestSupport
import Testing

/// Names that come from arguments.
@Suite struct PrintedNameTests {
    private static let name = "a\u{1b}]0;x\u{7}\u{1b}[32m\n✓ forged\u{202e}"

    @Test(arguments: [
        ["marketplace", "billing", "submit", name], ["marketplace", "billing", "submit", "bad.csv" + name],
        ["marketplace", "billing", "submit", "good.csv", "--journal", "folder" + name, "--arrived", "2"],
        ["marketplace", "billing", "submit", "good.csv", "--token-file", name, "--broker", "unix:/none"],
        ["marketplace", "billing", "submit", "good.csv", "--config", name],
        ["marketplace", "account", "get", "icfg_1", "--broker", "unix:/none" + name],
        ["keys", "list", "--key-ring", name], ["keys", "generate", "--key-ring", name], ["check", "--config", name],
        ["installations", "list", "--admin", "unix:/none" + name],
    ])
    func `add no line and no command to what a terminal gets`(_ arguments: [String]) throws {
        let printed = try run(arguments)
        #expect(printed.contains("✓ forged"), "\(printed)")
        #expect(!printed.contains("\n✓ forged"), "\(printed)")
        #expect(!printed.unicodeScalars.contains { $0 != "\n" && !isPlain($0) }, "\(printed)")
    }

    /// ArgumentParser writes these messages.
    @Test(arguments: [["keys", "list", "--key-ring", "a", name], ["--" + name], ["snippet", name, "--config", "a"]])
    func `add no command to a message about usage`(_ arguments: [String]) throws {
        let printed = try run(arguments)
        #expect(printed.contains("forged"), "\(printed)")
        #expect(!printed.unicodeScalars.contains { $0 != "\n" && !isPlain($0) }, "\(printed)")
    }

    private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value != 0x7f && scalar != "\u{202e}"
    }

    private func run(_ arguments: [String]) throws -> String {
        let folder = try TemporaryFolder()
        try folder.write("bad.csv" + Self.name, "line,line\n")
        try folder.write("good.csv", BatchSample.csv())
        let output = folder.path("output")
        let command = try #require(
            ChildProcess([BuiltExecutable.path("sso-gateway")] + arguments, in: folder.root, output: output))
        command.wait()
        return textWritten(to: output)
    }
}

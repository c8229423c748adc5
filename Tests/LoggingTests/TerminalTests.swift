import TestSupport
import Testing

@testable import sso_gateway

/// The output of commands.
@Suite struct TerminalTests {
    @Test(arguments: [
        ("Ada\u{202e}nimda\u{2066}\u{200b}", "Adanimda"), ("a\u{1b}]0;title\u{7}b", "a]0;titleb"),
        ("a\u{1b}[2Jb\u{9b}2Jc\rd\u{8}", "a[2Jb2Jcd"), ("a\u{1b}[1mb\u{1b}[0m\n\tc", "a\u{1b}[1mb\u{1b}[0m\n\tc"),
        ("\u{1b}[4;36mZoë 山田\u{1b}[0m", "\u{1b}[4;36mZoë 山田\u{1b}[0m"), ("\u{1b}[31;5mx", "[31;5mx"),
    ])
    func `RT-108: a terminal gets visible characters, line ends, and the styles of this program`(
        _ text: String, _ printed: String
    ) {
        #expect(Terminal.printable(text) == printed)
    }

    @Test func `RT-108: a message about a configuration has no direction marks`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("gateway.yaml", "listen: \"a\u{202e}b\u{2066}\"\n")
        let output = folder.path("output")
        let check = try #require(
            ChildProcess(
                [BuiltExecutable.path("sso-gateway"), "check", "--config", path], in: folder.root, output: output))
        #expect(!check.wait())
        #expect(textWritten(to: output).contains("not `ab`"))
    }
}

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

    @Test(
        arguments: [
            (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true),
            (true, ["TERM": "dumb"], false), (false, ["CLICOLOR_FORCE": "1"], true),
            (false, ["CLICOLOR_FORCE": "0"], false),
            (false, ["FORCE_COLOR": "1"], true), (false, ["FORCE_COLOR": ""], false),
            (true, ["NO_COLOR": "1", "FORCE_COLOR": "1"], false),
            (true, ["TERM": "dumb", "CLICOLOR_FORCE": "1"], true),
        ] as [(Bool, [String: String], Bool)])
    func `colour is for terminals, unless a variable says otherwise`(
        _ isTerminal: Bool, _ variables: [String: String], _ isColourful: Bool
    ) {
        #expect(Terminal.isColourful(isTerminal: isTerminal) { variables[$0] } == isColourful)
    }

    @Test func `columns are aligned, also with wide characters`() {
        let rows = Columns.rows([("a", "1"), ("山田", "2"), ("abcde", "")])
        #expect(rows == "  a      1\n  山田   2\n  abcde")
        let table = Columns.table(["one", "two"], [["1", "2"], ["1234", ""]], Terminal())
        #expect(table == ["one   two", "1     2", "1234"])
    }

    @Test func `RT-108: JSON keeps every character, and none commands a terminal`() {
        #expect(Terminal.escaped(Array("{\"a\":\"\u{202e}b\u{9b}\u{1f600}\"}\r\n".utf8)) == #"{"a":"\u202eb\u009b😀"}"#)
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

import HTTP
import Marketplace
import Testing

@testable import Gateway
@testable import sso_gateway

/// Compares the manual's page about the broker with the code.
@Suite struct BrokerManualTests {
    private static func page() throws -> String {
        try DocumentationTests.read("Sources/Gateway/Gateway.docc/Broker.md")
    }

    @Test func `the manual lists every operation with its path, its statuses and the required role`() throws {
        let rows = APIOperation.partners.map { operation in
            let failures = operation.failures.map(String.init).joined(separator: ", ")
            let isRepeated = operation.method == .get
            let repeated = operation == .submitInvoice ? "with `externalId`" : isRepeated ? "yes" : "no"
            let command = MarketplaceCommand.commands.first { $0.operations.contains(operation) }?.name ?? ""
            let option = operation == .updateResourceSecrets ? " --product" : ""
            return
                "| `\(operation.name)` | `\(command)\(option)` | \(operation.method.rawValue) | `\(operation.path.text)` "
                + "| \(operation.success.rawValue); \(failures) | \(repeated) "
                + "| \(Broker.needsAdmin(operation) ? "`ADMIN`" : "any") |"
        }
        let table = try Self.page().split(separator: "\n").drop { $0 != "## Operations" }
            .prefix { $0 == "## Operations" || !$0.hasPrefix("## ") }.filter { $0.hasPrefix("| `") }
        #expect(table.map(String.init) == rows)
    }

    @Test func `the manual lists the forwarded headers`() throws {
        let page = try Self.page()
        for name in BrokerAnswer.headers { #expect(page.contains("`\(name)`"), "\(name)") }
    }

    @Test func `the manual has the limits`() throws {
        let page = try Self.page()
        #expect(page.contains("at most \(BrokerCalls.perInstallation) calls"))
        #expect(page.contains("after \(BrokerGuesses.allowed) wrong tokens in a minute") && BrokerGuesses.window == 60)
    }

    private static func commands() throws -> String {
        try DocumentationTests.read("Sources/Gateway/Gateway.docc/MarketplaceCommands.md")
    }

    @Test func `the manual lists the columns of a file of usage and bills`() throws {
        let rows = BatchRow.Column.allCases.map { column in
            let kinds = BatchRow.Kind.allCases.filter { kind in
                let always: [BatchRow.Column] = [.installation, .line]
                return (always + kind.ofRecord + kind.ofLine).contains(column)
            }
            let isAll = kinds.count == BatchRow.Kind.allCases.count
            return "| `\(column.rawValue)` | \(isAll ? "all" : kinds.map(\.rawValue).joined(separator: ", ")) |"
        }
        let listed = try Self.commands().split(separator: "\n").drop { $0 != "## The file" }.dropFirst()
            .prefix { !$0.hasPrefix("## ") }.filter { $0.hasPrefix("| `") }
            .map { $0.split(separator: "|").prefix(2).joined(separator: "|") + "|" }
        #expect(listed.map { "|" + $0 } == rows)
    }

    @Test func `the manual lists the words of a journal`() throws {
        let listed = DocumentationTests.firstColumn(try Self.commands(), under: "## The journal")
        #expect(listed == Set(BatchJournal.Word.allCases.map(\.rawValue)))
    }

    @Test func `a script calls every operation by curl, and by command`() throws {
        let lines = try DocumentationTests.read("Tests/curl/11-operations.sh").split(separator: "\n")
        for (word, place) in [("call", "curl"), ("run", "command")] {
            let called = lines.compactMap { line -> String? in
                let words = line.split(separator: " ")
                return words.first.map { $0 == word } == true && words.count > 2 ? String(words[1]) : nil
            }
            #expect(Set(called) == Set(APIOperation.partners.map(\.name)), "by \(place)")
        }
    }
}

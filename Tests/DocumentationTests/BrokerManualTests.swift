import HTTP
import Marketplace
import Testing

@testable import Gateway

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
            return "| `\(operation.name)` | \(operation.method.rawValue) | `\(operation.path.text)` "
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
}

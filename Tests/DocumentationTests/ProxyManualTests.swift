import HTTP
import Testing

@testable import Gateway

/// Compares the manual's pages about proxies, headers and rules with the code.
@Suite struct ProxyManualTests {
    private static func page(_ name: String) throws -> String {
        try DocumentationTests.read("Sources/Gateway/Gateway.docc/\(name).md")
    }

    @Test func `the manual lists every reason to refuse a decision request`() throws {
        let others: [OriginalRequest.Refusal] = [
            .foreign(""), .hopByHop(""), .method, .scheme, .host, .unknownHost,
        ]
        let reasons = ["missing_…", "doubled_…"] + others.map(\.reason) + RequestPath.Refusal.allCases.map(\.rawValue)
        let listed = DocumentationTests.firstColumn(try Self.page("Rules"), under: "## Requests that are refused")
        #expect(listed == Set(reasons))
    }

    @Test func `the manual lists every identity header`() throws {
        let listed = DocumentationTests.firstColumn(try Self.page("IdentityHeaders"), under: "# Identity headers")
        #expect(listed == Set(IdentityHeaders(.authRequest).names))
    }

    @Test func `the manual lists every dialect and the headers that it reads`() throws {
        let page = try Self.page("Proxies")
        for dialect in ProxyDialect.all {
            let row = try #require(
                page.split(separator: "\n").first { $0.hasPrefix("| `") && $0.contains("`\(dialect.endpoint)") })
            for name in dialect.own { #expect(row.contains("`\(name)`"), "\(dialect.endpoint): \(name)") }
        }
    }

    @Test func `the manual lists every claim of the assertion`() throws {
        let listed = DocumentationTests.firstColumn(try Self.page("Assertion"), under: "# Checking the assertion")
        // Those that Tests/GatewayTests finds in a token.
        #expect(
            listed == [
                "iss", "aud", "sub", "integration", "installation_id", "account_id", "role", "role_checked_at", "name",
                "email", "sid", "iat", "exp",
            ])
    }
}

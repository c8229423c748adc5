import Gateway
import TestSupport
import Testing

@testable import sso_gateway

/// `check` compared each rule with all earlier ones: thousands of rules took minutes.
@Suite struct ManyRulesTests {
    private static func read(_ rules: [String]) throws -> Result<Configuration, InvalidConfiguration> {
        let folder = try TemporaryFolder()
        return ConfigurationFile.read(
            try ConfigurationFile.write(folder) { $0 + "rules:\n" + rules.map { "  - \($0)\n" }.joined() })
    }

    private static let rules = (0..<5000).map { "{ path: /area-\($0)/, roles: [ADMIN] }" }

    @Test(.timeLimit(.minutes(1))) func `reads 5,000 rules`() throws {
        #expect(try Self.read(Self.rules).get().gateway.rules.rules.count == 5000)
    }

    @Test(.timeLimit(.minutes(1))) func `finds the one rule of 5,001 that no request reaches`() throws {
        guard case .failure(let invalid) = try Self.read(Self.rules + ["{ path: /area-4999/x, allow: anyone }"]) else {
            Issue.record("the last rule is reachable")
            return
        }
        #expect(invalid.problems.map(\.key) == ["rules[5001]"])
        #expect(invalid.problems[0].message.contains("is never reached"))
    }

    @Test(.timeLimit(.minutes(1))) func `names the unknown key of each of 5,000 rules`() throws {
        guard case .failure(let invalid) = try Self.read(Self.rules.map { $0.replacing("roles", with: "role") }) else {
            Issue.record("`role` is accepted")
            return
        }
        #expect(invalid.problems.count { $0.message.contains("did you mean `roles`?") } == 5000)
    }
}

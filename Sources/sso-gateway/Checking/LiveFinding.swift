import JOSE
import Untrusted

/// The outcome of one live check.
struct LiveFinding: Sendable, Equatable {
    enum Result: String, Sendable {
        case ok, warning, failed
    }

    let integration: String
    /// A setting, or the name of what was tried.
    let check: String
    let result: Result
    let message: String
}

/// The findings for people and for programs.
enum LiveReport {
    static func text(_ findings: [LiveFinding], _ terminal: Terminal) -> String {
        let integration = findings.map(\.integration.columns).max() ?? 0
        let check = findings.map(\.check.columns).max() ?? 0
        let lines = findings.map { finding in
            let names = "\(finding.integration.padded(to: integration))  \(finding.check.padded(to: check))"
            return "\(mark(finding.result, terminal)) \(names)  \(finding.message.visible)"
        }
        return (lines + [summary(findings)]).joined(separator: "\n")
    }

    static func object(_ findings: [LiveFinding]) -> JSONObject {
        let checks = findings.map { finding in
            JSONValue.object([
                "integration": .string(UntrustedText(finding.integration)),
                "check": .string(UntrustedText(finding.check)),
                "result": .string(UntrustedText(finding.result.rawValue)),
                "message": .string(UntrustedText(finding.message.visible)),
            ])
        }
        return [
            "checks": .array(checks), "failed": .integer(Int64(count(.failed, findings))),
            "warnings": .integer(Int64(count(.warning, findings))),
        ]
    }

    private static func mark(_ result: LiveFinding.Result, _ terminal: Terminal) -> String {
        switch result {
        case .ok: terminal.good("✓")
        case .warning: terminal.warning("!")
        case .failed: terminal.bad("✗")
        }
    }

    private static func summary(_ findings: [LiveFinding]) -> String {
        "\n\(findings.count) checks, \(count(.failed, findings)) failed, \(count(.warning, findings)) with a warning."
    }

    private static func count(_ result: LiveFinding.Result, _ findings: [LiveFinding]) -> Int {
        findings.count { $0.result == result }
    }
}

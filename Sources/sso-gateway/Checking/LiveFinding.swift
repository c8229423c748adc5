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
        let integration = findings.map(\.integration.count).max() ?? 0
        let check = findings.map(\.check.count).max() ?? 0
        let lines = findings.map { finding in
            let names = "\(finding.integration.padded(to: integration))  \(finding.check.padded(to: check))"
            return "\(mark(finding.result, terminal)) \(names)  \(finding.message.visible)"
        }
        return (lines + [summary(findings)]).joined(separator: "\n")
    }

    static func json(_ findings: [LiveFinding]) -> String {
        let checks = findings.map { finding in
            JSONValue.object([
                "integration": .string(UntrustedText(finding.integration)),
                "check": .string(UntrustedText(finding.check)),
                "result": .string(UntrustedText(finding.result.rawValue)),
                "message": .string(UntrustedText(finding.message.visible)),
            ])
        }
        let report: JSONObject = [
            "checks": .array(checks), "failed": .integer(Int64(count(.failed, findings))),
            "warnings": .integer(Int64(count(.warning, findings))),
        ]
        return String(decoding: report.encoded, as: UTF8.self)
    }

    private static func mark(_ result: LiveFinding.Result, _ terminal: Terminal) -> String {
        switch result {
        case .ok: terminal.good("✓")
        case .warning: terminal.warning("!")
        case .failed: terminal.bad("✗")
        }
    }

    private static func summary(_ findings: [LiveFinding]) -> String {
        "\(findings.count) checks, \(count(.failed, findings)) failed, \(count(.warning, findings)) with a warning."
    }

    private static func count(_ result: LiveFinding.Result, _ findings: [LiveFinding]) -> Int {
        findings.count { $0.result == result }
    }
}

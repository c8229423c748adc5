import Gateway
import JOSE
import Marketplace
import Untrusted

/// What `explain` prints, for people and for programs.
struct ExplainReport {
    let explanation: ExplainDecision.Explanation
    let rules: RuleTable

    func text(_ terminal: Terminal) -> String {
        let request = explanation.request
        var lines = [("request", "\(request.method) \(request.host) \(request.path.text)".visible)]
        let member = explanation.member.map { key, role in
            "\(key.userID) of \(key.installationID), \(role.rawValue), by \(key.integration)".visible
        }
        lines.append(("member", member ?? "no session"))
        for (row, skipped) in zip(rules.rules, explanation.skipped) {
            lines.append(
                (
                    skipped.rule,
                    terminal.faint("\(EffectiveConfiguration.text(row)): no, \(why(skipped.mismatch))".visible)
                ))
        }
        lines.append((explanation.decision.rule, "\(deciding): decides".visible))
        if !explanation.decision.reading.isEmpty {
            lines.append(("reading", explanation.decision.reading.joined(separator: ", ").visible))
        }
        lines.append(("answer", answer(terminal)))
        return Self.rows(lines)
    }

    static func text(_ refusal: OriginalRequest.Refusal, _ terminal: Terminal) -> String {
        "\(terminal.bad("refused")) (400, behind nginx 403): \(refusal.reason)\nNo rule decides: \(why(refusal))"
    }

    var object: JSONObject {
        let request = explanation.request
        let member = explanation.member.map { key, role -> JSONValue in
            .object([
                "user": .string(UntrustedText(key.userID)), "installation": .string(UntrustedText(key.installationID)),
                "role": .string(UntrustedText(role.rawValue)), "integration": .string(UntrustedText(key.integration)),
            ])
        }
        let skipped = zip(rules.rules, explanation.skipped).map { row, skipped -> JSONValue in
            .object([
                "rule": .string(UntrustedText(skipped.rule)),
                "text": .string(UntrustedText(EffectiveConfiguration.text(row))),
                "because": .string(UntrustedText(why(skipped.mismatch))),
            ])
        }
        return [
            "decision": .string(word), "method": .string(UntrustedText("\(request.method)")),
            "host": .string(UntrustedText("\(request.host)")), "path": .string(UntrustedText(request.path.text)),
            "member": member ?? .null, "rule": .string(UntrustedText(explanation.decision.rule)),
            "text": .string(UntrustedText(deciding)), "skipped": .array(skipped),
            "reading": .array(explanation.decision.reading.map { .string(UntrustedText($0)) }),
        ]
    }

    static func object(_ refusal: OriginalRequest.Refusal) -> JSONObject {
        [
            "decision": .string("refused"), "reason": .string(UntrustedText(refusal.reason)),
            "because": .string(UntrustedText(why(refusal))),
        ]
    }

    /// The deciding row as the configuration has it.
    private var deciding: String {
        let row = rules.rules.dropFirst(explanation.skipped.count).first
        return row.map(EffectiveConfiguration.text) ?? "{ default: \(rules.default.rawValue) }"
    }

    private func why(_ mismatch: RuleTable.Rule.Mismatch) -> String {
        switch mismatch {
        case .host: "the host is \(explanation.request.host)"
        case .method: "the method is \(explanation.request.method)"
        case .path: "the path is neither that nor below it"
        }
    }

    private static func why(_ refusal: OriginalRequest.Refusal) -> String {
        refusal == .unknownHost
            ? "the host is neither the one of public_url nor one that a rule names."
            : "another program could read this request in another way."
    }

    private var word: UntrustedText {
        switch explanation.decision.permission {
        case .allow: "allow"
        case .signIn: "sign_in"
        case .forbid: "forbid"
        }
    }

    private func answer(_ terminal: Terminal) -> String {
        switch explanation.decision.permission {
        case .allow: "\(terminal.good("allowed")) (200)"
        case .signIn: "\(terminal.warning("not signed in")) (a browser: 302, or 401 behind nginx; a program: 401)"
        case .forbid: "\(terminal.bad("forbidden")) (403)"
        }
    }

    /// The names that are always there need nine columns with `rule 1000`, so that lines of two runs can be compared.
    private static func rows(_ rows: [(String, String)]) -> String {
        let width = max(rows.map(\.0.columns).max() ?? 0, 9)
        return rows.map { "\($0.0.padded(to: width))  \($0.1)" }.joined(separator: "\n")
    }
}

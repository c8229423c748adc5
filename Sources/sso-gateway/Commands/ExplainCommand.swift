import ArgumentParser
import Gateway
import Marketplace

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Prints the rule that decides about a request, and why the earlier rules do not match.",
        discussion:
            "With `store: memory`, only the running gateway knows its revocations; this command does not see them.")

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "The request's method.")
    var method = "GET"

    @Option(help: "The request's address: a path on public_url, or a whole URL for another host.")
    var url: String

    @Option(help: "A Cookie header, or the value of the session cookie.")
    var cookie: String?

    func run() async throws {
        let configuration = try LoadedConfiguration.load(config)
        if let missing = configuration.store.missingFile {
            Terminal.fail(
                "no store at \(missing): this command sees no revocations. Is $STATE_DIRECTORY set for the gateway only?"
            )
        }
        let access = LiveStore(
            try configuration.store.openIfThere(), lifetimes: configuration.gateway.session,
            Observability(clock: .system))
        try await access.load()
        await access.close()
        let explain = ExplainDecision(
            settings: configuration.gateway, keyRing: configuration.keyRing, access: access)
        do {
            let explanation = try explain.explain(
                method: method, url: url, cookie: cookie, now: Clock.system.unixSeconds())
            Terminal.say(Self.text(explanation, rules: configuration.gateway.rules))
        } catch {
            Terminal.say(
                "refused (400, behind nginx 403): \(error.reason)\nNo rule decides: "
                    + (error == .unknownHost
                        ? "the host is neither the one of public_url nor one that a rule names."
                        : "another program could read this request in another way.")
            )
        }
    }

    static func text(_ explanation: ExplainDecision.Explanation, rules: RuleTable) -> String {
        let request = explanation.request
        var lines = [("request", "\(request.method) \(request.host) \(request.path.text)")]
        let member = explanation.member.map { key, role in
            "\(key.userID) of \(key.installationID), \(role.rawValue), by \(key.integration)"
        }
        lines.append(("member", member ?? "no session"))
        for (row, skipped) in zip(rules.rules, explanation.skipped) {
            lines.append((skipped.rule, "\(EffectiveConfiguration.text(row)): no, \(why(skipped.mismatch, request))"))
        }
        let deciding = rules.rules.dropFirst(explanation.skipped.count).first
        let row = deciding.map(EffectiveConfiguration.text) ?? "{ default: \(rules.default.rawValue) }"
        lines.append((explanation.decision.rule, "\(row): decides"))
        if !explanation.decision.reading.isEmpty {
            lines.append(("reading", explanation.decision.reading.joined(separator: ", ")))
        }
        lines.append(("answer", answer(explanation.decision.permission)))
        return lines.map { $0.0 + String(repeating: " ", count: max(11 - $0.0.count, 1)) + $0.1 }.joined(
            separator: "\n")
    }

    private static func why(_ mismatch: RuleTable.Rule.Mismatch, _ request: OriginalRequest) -> String {
        switch mismatch {
        case .host: "the host is \(request.host)"
        case .method: "the method is \(request.method)"
        case .path: "the path is neither that nor below it"
        }
    }

    private static func answer(_ permission: RuleTable.Permission) -> String {
        switch permission {
        case .allow: "allowed (200)"
        case .signIn: "not signed in (a browser: 302, or 401 behind nginx; a program: 401)"
        case .forbid: "forbidden (403)"
        }
    }
}

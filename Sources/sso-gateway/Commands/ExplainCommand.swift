import ArgumentParser
import Gateway
import Marketplace

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says which rule decides about a request, and why the earlier ones do not.",
        discussion: "With the store `memory`, revocations live in the running gateway alone: not seen from here.")

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "The request's method.")
    var method = "GET"

    @Option(help: "The request's address: a path of the public URL, or a whole one for another host.")
    var url: String

    @Option(help: "A Cookie header, or the session cookie's value: who asks.")
    var cookie: String?

    func run() async throws {
        let configuration = try LoadedConfiguration.load(config)
        let access = LiveStore(
            try configuration.store.open(), lifetimes: configuration.gateway.session, Observability(clock: .system))
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
                "refused (400, behind nginx 403): \(error.reason)\nNo rule is asked: "
                    + (error == .unknownHost
                        ? "the host is neither that of public_url nor one that a rule names."
                        : "another program might read this request differently.")
            )
        }
    }

    static func text(_ explanation: ExplainDecision.Explanation, rules: RuleTable) -> String {
        let request = explanation.request
        var lines = [("request", "\(request.method) \(request.host) \(request.path.text)")]
        let member = explanation.member.map { key, role in
            "\(key.userID) of \(key.installationID), \(role.rawValue), by \(key.integration)"
        }
        lines.append(("member", member ?? "nobody is signed in"))
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
        case .signIn: "has to sign in (a browser: 302, or 401 behind nginx; a program: 401)"
        case .forbid: "forbidden (403)"
        }
    }
}

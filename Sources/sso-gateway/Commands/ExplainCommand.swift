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

    @Flag(help: "Print one JSON object.")
    var json = false

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
            let report = ExplainReport(explanation: explanation, rules: configuration.gateway.rules)
            if json { Terminal.say(report.object) } else { Terminal.say(report.text(Terminal())) }
        } catch {
            if json { return Terminal.say(ExplainReport.object(error)) }
            Terminal.say(ExplainReport.text(error, Terminal()))
        }
    }
}

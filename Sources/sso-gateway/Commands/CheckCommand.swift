import ArgumentParser

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a configuration and prints all of its problems, or the configuration with its defaults.",
        discussion: """
            With --live it also tries the other servers: names, TLS, the key set, the clock, the token source and the \
            login address. It sends one GET to jwks_url and HEAD elsewhere, so that nothing is spent or counted.
            """)

    @Option(help: "The configuration file.")
    var config: String

    @Flag(help: "Also try what logins need from other servers. Exits with 1 if a check fails.")
    var live = false

    @Flag(
        help:
            "With --live: send a made-up code with the client secret, to see whether the marketplace accepts the client."
    )
    var credentials = false

    @Flag(help: "With --live: print the checks as one JSON object.")
    var json = false

    func validate() throws {
        guard live || !(credentials || json) else { throw ValidationError("--credentials and --json need --live.") }
    }

    func run() async throws {
        let configuration = try LoadedConfiguration.loadToServe(config)
        try LoadedConfiguration.checkStore(of: configuration)
        if !json { Terminal.say(EffectiveConfiguration.text(configuration)) }
        guard live else { return }
        let findings = try await LiveCheck.run(configuration, triesCredentials: credentials)
        Terminal.say(json ? LiveReport.json(findings) : "\n" + LiveReport.text(findings, Terminal()))
        if findings.contains(where: { $0.result == .failed }) { throw Exit.failed }
    }
}

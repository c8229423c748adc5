import ArgumentParser
import JOSE

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

    @Flag(help: "Print the problems, and with --live the checks, as one JSON object.")
    var json = false

    func validate() throws {
        guard live || !credentials else { throw ValidationError("--credentials needs --live.") }
    }

    func run() async throws {
        let configuration = try json ? checkedForPrograms() : checked()
        if !json { Terminal.say(EffectiveConfiguration.text(configuration)) }
        guard live else {
            if json { Terminal.say(CheckReport.valid()) }
            return
        }
        let findings = try await Progress.show("trying the other servers") { progress in
            try await LiveCheck.run(configuration, triesCredentials: credentials) {
                progress.update("trying the other servers, \($0.check) of \($0.integration) is done")
            }
        }
        if json {
            Terminal.say(CheckReport.valid(findings))
        } else {
            Terminal.say("\n" + LiveReport.text(findings, Terminal()))
        }
        if findings.contains(where: { $0.result == .failed }) { throw Exit.failed }
    }

    private func checked() throws -> Configuration {
        let configuration = try LoadedConfiguration.loadToServe(config)
        try LoadedConfiguration.checkStore(of: configuration)
        return configuration
    }

    private func checkedForPrograms() throws -> Configuration {
        let configuration: Configuration
        do { configuration = try LoadedConfiguration.readToServe(config) } catch {
            Terminal.say(CheckReport.invalid(error.problems))
            throw Exit.badConfiguration
        }
        do { try configuration.store.check() } catch {
            let problem = ConfigurationProblem(file: config, line: 0, key: "store", message: "\(error)")
            Terminal.say(CheckReport.invalid([problem]))
            throw Exit.failed
        }
        return configuration
    }
}

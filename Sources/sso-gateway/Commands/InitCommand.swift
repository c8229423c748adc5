import ArgumentParser
import Gateway
import SecretMemory
import Untrusted

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract:
            "Writes a configuration, the client secret and a key ring, checks them, and prints your proxy's block.",
        discussion: """
            Asks for what is not given. Without a terminal, every missing option is an error. Existing files are never \
            overwritten. The proxy's block goes to standard output, everything else to standard error.
            """)

    @Option(help: .init("The integration's id, `oac_…`, from the marketplace's console.", valueName: "id"))
    var clientID: String?

    @Option(help: "The integration's URL slug.")
    var slug: String?

    @Option(
        help: .init(
            "A file with the client secret; - for standard input. Other users can read a command line, so no option has the secret itself.",
            valueName: "file"))
    var clientSecretFile: String?

    @Option(
        help: .init(
            "A file with lines NAME=VALUE: INTEGRATION_CLIENT_SECRET and INTEGRATION_CLIENT_ID are taken from it.",
            valueName: "file"))
    var environmentFile: String?

    @Option(
        help: .init(
            "The origin of the app and the gateway in the browser, such as https://app.partner.example.",
            valueName: "url"))
    var publicURL: String?

    @Option(help: "nginx, caddy, traefik, envoy or haproxy.")
    var proxy: String?

    @Option(help: "The app's address for the proxy: host:port or unix:/path.")
    var app = "127.0.0.1:3000"

    @Option(help: "Where the files are written.")
    var directory = "."

    @Option(help: .init("The address of a `provider-stand-in` in the marketplace's place.", valueName: "url"))
    var standIn: String?

    func validate() throws {
        guard clientSecretFile == nil || environmentFile == nil else {
            throw ValidationError("Give --client-secret-file or --environment-file, not both.")
        }
        guard ProxySite.Address(app) != nil else { throw ValidationError("--app must be host:port or unix:/path.") }
        guard standIn.map({ ReadIntegrations.outboundURL($0) != nil }) ?? true else {
            throw ValidationError("--stand-in must be an https:// address, or http:// on this machine.")
        }
    }

    func run() throws {
        let files = InitFiles(directory: directory)
        let (answers, block): (InitAnswers, String)
        do {
            try files.refuseExisting()
            let given = try collect()
            answers = given
            block = try files.write(given, standIn: standIn, now: Clock.system.unixSeconds()) {
                try checked(files.configuration, given)
            }
        } catch let error as ExitCode {
            throw error
        } catch {
            Terminal.fail("\(error). Nothing was written.")
            throw Exit.failed
        }
        let terminal = Terminal(descriptor: 2)
        let names = [files.configuration, files.clientSecret, files.keyRing].joined(separator: ", ").visible
        Terminal.complain(
            """
            \(terminal.good("✓")) Wrote \(names), for your user alone.
            \(terminal.good("✓")) The configuration is valid: `sso-gateway check --config \(files.configuration.visible)` shows it with its defaults.

            """)
        Terminal.say(block, terminator: "")
        Terminal.complain(nextSteps(files, answers, terminal))
    }

    private func collect() throws -> InitAnswers {
        var collecting = try CollectAnswers(
            clientID: clientID, slug: slug, clientSecretFile: clientSecretFile, environmentFile: environmentFile,
            publicURL: publicURL, proxy: proxy, isAsking: Question.isPossible)
        return try collecting.run()
    }

    /// As `check` does it. Returns the proxy's block.
    private func checked(_ config: String, _ answers: InitAnswers) throws -> String {
        let configuration: Configuration
        do {
            configuration = try LoadedConfiguration.loadToServe(config)
            try LoadedConfiguration.checkStore(of: configuration)
        } catch {
            Terminal.complain("Nothing was written.")
            throw error
        }
        var snippet = try SnippetCommand.parse([answers.proxy.rawValue, "--config", config])
        snippet.app = app
        return try snippet.text(configuration)
    }

    private func nextSteps(_ files: InitFiles, _ answers: InitAnswers, _ terminal: Terminal) -> String {
        let config = files.configuration.visible
        let place = standIn == nil ? "In the marketplace's console" : "At the stand-in (--redirect-login-url)"
        let again = "sso-gateway snippet \(answers.proxy.rawValue) --config \(config) --app \(app)"
        return """

            \(terminal.bold("Next"))
              1. \(place), the Redirect Login URL is \(terminal.link("\(answers.publicURL)/sso/callback"))
              2. The block above is for \(answers.proxy.rawValue): its first lines say where to save it and how to start. Again, or with
                 your certificate: \(again)\(answers.publicURL.isSecure ? " --certificate FILE --certificate-key FILE" : "")
              3. \(terminal.bold("sso-gateway serve --config \(config)"))
            """
    }
}

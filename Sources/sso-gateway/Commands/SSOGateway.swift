import ArgumentParser
import Glibc

/// The executable.
@main struct SSOGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sso-gateway",
        abstract: "Signs marketplace users in to a partner's app, and tells the app's proxy who they are.",
        discussion: "New here? `sso-gateway try` shows a whole login on this machine, with nothing to configure.",
        subcommands: [
            TryCommand.self, ServeCommand.self, CheckCommand.self, ProviderStandInCommand.self, KeysCommand.self,
            ExplainCommand.self, SnippetCommand.self, SessionsCommand.self, InstallationsCommand.self,
            MarketplaceCommand.self,
            VerifyTokenCommand.self,
            VersionCommand.self,
        ])

    static func main() async {
        HardenProcess.apply()
        Signals.watch()
        await main(nil)
    }
}

/// Exit codes beside ArgumentParser's own 64 for wrong usage.
enum Exit {
    static let failed = ExitCode(1)
    static let badConfiguration = ExitCode(78)

    /// The end of a command that served. Work on requests that were given up may still be running; it must not meet
    /// libraries that tidy up at exit.
    static func stopped() -> Never { _exit(0) }
}

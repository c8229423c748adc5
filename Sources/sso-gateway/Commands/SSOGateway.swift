import ArgumentParser
import Glibc

/// The executable.
@main struct SSOGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sso-gateway",
        abstract:
            "Signs marketplace users in to a partner's app, and decides for the app's proxy which requests to allow.",
        discussion:
            "To begin, run `sso-gateway try`: it shows a whole login on this machine and needs no configuration.",
        subcommands: [
            TryCommand.self, ServeCommand.self, CheckCommand.self, ProviderStandInCommand.self, KeysCommand.self,
            ExplainCommand.self, SnippetCommand.self, SessionsCommand.self, InstallationsCommand.self,
            StoreCommand.self, MarketplaceCommand.self,
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

    /// Ends a serving command with `_exit`: abandoned requests may still be running, and must not use libraries that
    /// clean up in `exit`.
    static func stopped() -> Never { _exit(0) }
}

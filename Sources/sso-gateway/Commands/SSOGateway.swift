import ArgumentParser
import Glibc
import Untrusted

/// The executable.
@main struct SSOGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sso-gateway",
        abstract:
            "Signs marketplace users in to a partner's app, and decides for the app's proxy which requests to allow.",
        discussion:
            "To begin, run `sso-gateway try`: it shows a whole login on this machine and needs no configuration.",
        subcommands: [
            TryCommand.self, InitCommand.self, ServeCommand.self, CheckCommand.self, ProviderStandInCommand.self,
            KeysCommand.self,
            ExplainCommand.self, SnippetCommand.self, SessionsCommand.self, InstallationsCommand.self,
            StoreCommand.self, ReadyCommand.self, ReloadCommand.self, MarketplaceCommand.self,
            VerifyTokenCommand.self, VersionCommand.self,
        ])

    static func main() async {
        HardenProcess.apply()
        Signals.watch()
        do {
            var command = try await asyncParseAsRoot(nil)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            // ArgumentParser prints arguments as they are, and a terminal would obey what is in them.
            let (code, message) = (exitCode(for: error), fullMessage(for: error))
            guard !code.isSuccess, !message.isEmpty else { exit(withError: error) }
            let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
            Terminal.complain(lines.map { String($0).visible }.joined(separator: "\n"))
            exit(withError: code)
        }
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

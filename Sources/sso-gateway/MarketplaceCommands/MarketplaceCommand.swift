import ArgumentParser
import Marketplace

struct MarketplaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "marketplace",
        abstract: "Calls the marketplace's API through a gateway's broker.",
        discussion: """
            Every command checks its input before it sends anything; --dry-run stops there. The broker attaches the \
            installation's token, so these commands need none: they show the token of a broker's client, from a file.
            """,
        subcommands: [
            AccountCommand.self, MemberCommand.self, InstallationCommand.self, EventCommand.self, BillingCommand.self,
            InvoiceCommand.self, ResourceCommand.self, SecretsCommand.self, ExperimentationCommand.self,
            CreditsCommand.self,
        ])

    /// Each command with the operations that it calls, as `invoice submit`.
    static var commands: [(name: String, operations: [APIOperation])] {
        configuration.subcommands.flatMap { group in
            group.configuration.subcommands.map { command in
                let name = "\(name(of: group)) \(name(of: command))"
                if let command = command as? any OperationCommand.Type { return (name, command.operations) }
                return (name, command == BillingCommand.Submit.self ? BillingCommand.Submit.operations : [])
            }
        }
    }

    /// As ArgumentParser names a command: that of a type without a name of its own is the type's in small letters.
    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}

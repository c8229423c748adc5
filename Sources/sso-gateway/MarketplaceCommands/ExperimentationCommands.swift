import ArgumentParser
import Marketplace

struct ExperimentationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experimentation", abstract: "Experiments and flags of a resource.",
        subcommands: [Create.self, Update.self, Delete.self])

    struct Create: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "Makes up to 50 of them known.")
        static let operations = [APIOperation.createInstallationIntegrationConfiguration]

        @OptionGroup var target: ResourceArguments
        @OptionGroup var body: BodyOption
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.createInstallationIntegrationConfiguration, target.parameters, body: body.read())
        }
    }

    struct Update: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "Changes one of them.")
        static let operations = [APIOperation.updateInstallationIntegrationConfiguration]

        @OptionGroup var target: ResourceArguments
        @Argument(help: "Your own id of the item.") var item: String
        @OptionGroup var body: BodyOption
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            var parameters = target.parameters
            parameters[.itemId] = item
            return try Self.call(.updateInstallationIntegrationConfiguration, parameters, body: body.read())
        }
    }

    struct Delete: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "Takes one of them away.")
        static let operations = [APIOperation.deleteInstallationIntegrationConfiguration]

        @OptionGroup var target: ResourceArguments
        @Argument(help: "Your own id of the item.") var item: String
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            var parameters = target.parameters
            parameters[.itemId] = item
            return try Self.call(.deleteInstallationIntegrationConfiguration, parameters)
        }
    }
}

import ArgumentParser
import Marketplace

struct ResourceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resource", abstract: "Resources of an installation.",
        subcommands: [List.self, Get.self, Import.self, Update.self, Delete.self])

    struct List: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "All that the marketplace knows.")
        static let operations = [APIOperation.getIntegrationResources]

        @OptionGroup var target: InstallationArgument
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.getIntegrationResources, [.integrationConfigurationId: target.installation])
        }
    }

    struct Get: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "One of them.")
        static let operations = [APIOperation.getIntegrationResource]

        @OptionGroup var target: ResourceArguments
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall { try Self.call(.getIntegrationResource, target.parameters) }
    }

    struct Import: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a resource of yours known to the marketplace, under your id.")
        static let operations = [APIOperation.importResource]

        @OptionGroup var target: ResourceArguments
        @OptionGroup var body: BodyOption
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.importResource, target.parameters, body: body.read())
        }
    }

    struct Update: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a resource. What the body leaves out stays as it is.")
        static let operations = [APIOperation.updateResource]

        @OptionGroup var target: ResourceArguments
        @OptionGroup var body: BodyOption
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.updateResource, target.parameters, body: body.read())
        }
    }

    struct Delete: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a resource away from the marketplace.")
        static let operations = [APIOperation.deleteIntegrationResource]

        @OptionGroup var target: ResourceArguments
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall { try Self.call(.deleteIntegrationResource, target.parameters) }
    }
}

struct SecretsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Secrets of a resource.", subcommands: [Update.self])

    struct Update: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets a resource's secrets: all of them, or with `partial` in the body those that it names.",
            discussion: "With --product the deprecated address is called. --dry-run shows no value.")
        static let operations = [APIOperation.updateResourceSecretsById, .updateResourceSecrets]

        @OptionGroup var target: ResourceArguments
        @OptionGroup var body: BodyOption
        @Option(help: "Your own id or slug of the product, for the deprecated address.") var product: String?
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            guard let product else {
                return try Self.call(.updateResourceSecretsById, target.parameters, body: body.read())
            }
            var parameters = target.parameters
            parameters[.integrationProductIdOrSlug] = product
            return try Self.call(.updateResourceSecrets, parameters, body: body.read())
        }
    }
}

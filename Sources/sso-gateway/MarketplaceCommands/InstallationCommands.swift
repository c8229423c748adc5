import ArgumentParser
import JOSE
import Marketplace
import SecretMemory
import Untrusted

struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "The team behind an installation.", subcommands: [Get.self])

    struct Get: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "Its name, address and contact.")
        static let operations = [APIOperation.getAccountInfo]

        @OptionGroup var target: InstallationArgument
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.getAccountInfo, [.integrationConfigurationId: target.installation])
        }
    }
}

struct MemberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member", abstract: "Members of an installation.", subcommands: [Get.self])

    struct Get: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "A member's role.")
        static let operations = [APIOperation.getMember]

        @OptionGroup var target: InstallationArgument
        @Argument(help: "The member's id: `user_id` of a login.") var member: String
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(
                .getMember, [.integrationConfigurationId: target.installation, .memberId: member])
        }
    }
}

struct InstallationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "installation", abstract: "An installation itself.",
        subcommands: [Update.self, Finalize.self, Balance.self])

    struct Update: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes its status, external id, billing plan or notification.",
            discussion: "What is not given stays as it is. Plans and notifications are given with --body.")
        static let operations = [APIOperation.updateInstallation]

        @OptionGroup var target: InstallationArgument
        @Option(help: .init("A file with the body in JSON; - for standard input.", valueName: "file"))
        var body: String?
        @Option(help: "ready, pending, onboarding, suspended, resumed, uninstalled or error.") var status: String?
        @Option(help: "Your own id of the installation.") var externalID: String?
        @Flag(help: "Take the notification away.") var removeNotification = false
        @OptionGroup var options: CallOptions

        func validate() throws {
            let hasFields = status != nil || externalID != nil || removeNotification
            guard hasFields != (body != nil) else {
                throw ValidationError("Give --body, or --status, --external-id or --remove-notification.")
            }
        }

        func makeCall() throws -> APICall {
            let fields: [(name: UntrustedText, value: JSONValue?)] = [
                ("status", Self.text(status)), ("externalId", Self.text(externalID)),
                ("notification", removeNotification ? .null : nil),
            ]
            return try Self.call(
                .updateInstallation, [.integrationConfigurationId: target.installation],
                body: try body.map { try BodyOption.read($0) } ?? Self.body(fields))
        }
    }

    struct Finalize: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says that no more invoices follow, so that a removal can complete.")
        static let operations = [APIOperation.finalizeInstallation]

        @OptionGroup var target: InstallationArgument
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.finalizeInstallation, [.integrationConfigurationId: target.installation])
        }
    }

    struct Balance: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reports what prepaid credit is left. The marketplace keeps the latest report.")
        static let operations = [APIOperation.submitPrepaymentBalances]

        @OptionGroup var target: InstallationArgument
        @OptionGroup var body: BodyOption
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(
                .submitPrepaymentBalances, [.integrationConfigurationId: target.installation], body: body.read())
        }
    }
}

struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Changes on your side.", subcommands: [Create.self])

    struct Create: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells the marketplace that an installation or a resource has changed.",
            discussion: "With --resource it is the resource, without it the installation.")
        static let operations = [APIOperation.createEvent]

        @OptionGroup var target: InstallationArgument
        @Option(help: "Your own id of the resource that changed.") var resource: String?
        @Option(help: "Your own id or slug of the resource's product.") var product: String?
        @Option(help: "Your own id of the installation's billing plan.") var billingPlan: String?
        @OptionGroup var options: CallOptions

        func validate() throws {
            guard product == nil || resource != nil else { throw ValidationError("--product needs --resource.") }
            guard billingPlan == nil || resource == nil else {
                throw ValidationError("--billing-plan is of the installation, not of a resource.")
            }
        }

        func makeCall() throws -> APICall {
            let type = resource == nil ? "installation.updated" : "resource.updated"
            let event: [(name: UntrustedText, value: JSONValue?)] = [
                ("type", .string(type)), ("billingPlanId", Self.text(billingPlan)),
                ("resourceId", Self.text(resource)), ("productId", Self.text(product)),
            ]
            let members = event.compactMap { name, value in value.map { (name, $0) } }
            return try Self.call(
                .createEvent, [.integrationConfigurationId: target.installation],
                body: Self.body([("event", .object(JSONObject(members)))]))
        }
    }
}

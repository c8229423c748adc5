import ArgumentParser
import JOSE
import Marketplace
import Untrusted

struct InvoiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoice", abstract: "Invoices of an installation.",
        subcommands: [Submit.self, Get.self, Refund.self])

    struct Submit: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bills the customer.",
            discussion: """
                Give the invoice an externalId: the marketplace refuses a second invoice with the same one, so that \
                sending it again bills the customer once. For many invoices there is `marketplace billing submit`.
                """)
        static let operations = [APIOperation.submitInvoice]

        @OptionGroup var target: InstallationArgument
        @OptionGroup var body: BodyOption
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.submitInvoice, [.integrationConfigurationId: target.installation], body: body.read())
        }
    }

    struct Get: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "An invoice and its state.")
        static let operations = [APIOperation.getInvoice]

        @OptionGroup var target: InstallationArgument
        @Argument(help: "The marketplace's id of the invoice.") var invoice: String
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(.getInvoice, [.integrationConfigurationId: target.installation, .invoiceId: invoice])
        }
    }

    struct Refund: OperationCommand {
        static let configuration = CommandConfiguration(abstract: "Asks the marketplace to pay an invoice back.")
        static let operations = [APIOperation.updateInvoice]

        @OptionGroup var target: InstallationArgument
        @Argument(help: "The marketplace's id of the invoice.") var invoice: String
        @Option(help: "In dollars, such as 12.50; at most the invoice's total.") var total: String
        @Option(help: "Why.") var reason: String
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(
                .updateInvoice, [.integrationConfigurationId: target.installation, .invoiceId: invoice],
                body: Self.body([
                    ("action", .string("refund")), ("reason", Self.text(reason)), ("total", Self.text(total)),
                ]))
        }
    }
}

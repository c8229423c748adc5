import ArgumentParser
import JOSE
import Marketplace
import Untrusted

struct CreditsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credits", abstract: "Credits, of the marketplace and of the other vendor.",
        subcommands: [Buy.self, Checkout.self])

    struct Buy: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Buys credits for a team. They are charged at once.")
        static let operations = [APIOperation.buyCredits]

        @Option(help: "What the credits are for: v0, gateway or agent.") var type: String
        @Option(help: "How many, at least 1.") var amount: Int64
        @Option(help: "The team's id.") var teamID: String?
        @Option(help: "The team's slug, instead of its id.") var slug: String?
        @Option(help: "Where the purchase comes from. (default of the marketplace: api)") var source: String?
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            let item: JSONObject = [
                "type": .string("credits"), "creditType": .string(type), "amount": .integer(amount),
            ]
            return try Self.call(
                .buyCredits, [:], query: [("source", source), ("teamId", teamID), ("slug", slug)],
                body: Self.body([("item", .object(item))]))
        }
    }

    struct Checkout: OperationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begins a checkout at the other vendor and prints where to pay.")
        static let operations = [APIOperation.createCheckoutSession]

        @Argument(help: "The organization's slug at the vendor.") var organization: String
        @Option(help: "Bundles, 1 to 10.") var quantity: Int64
        @Option(help: "Where the browser goes when the payment is made, https://….") var successURL: String
        @Option(help: "Where the browser goes when it is given up, https://….") var cancelURL: String
        @OptionGroup var options: CallOptions

        func makeCall() throws -> APICall {
            try Self.call(
                .createCheckoutSession, [.org: organization],
                body: Self.body([
                    ("cancel_url", Self.text(cancelURL)), ("quantity", .integer(quantity)),
                    ("success_url", Self.text(successURL)),
                ]))
        }
    }
}

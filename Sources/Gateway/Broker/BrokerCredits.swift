import HTTP
import Marketplace
import SecretMemory

/// Where credits are bought, and with which credentials.
struct BrokerCredits: Sendable {
    struct Account: Sendable {
        /// Of the same name as the setting below `credits`.
        let name: String
        let token: SecretBytes
        let api: MarketplaceAPI
    }

    private let marketplace: Account?
    private let checkout: Account?
    let rules: LocalRules

    init(_ settings: CreditSettings, client: any HTTPClient) {
        func account(_ name: String, _ token: SecretBytes, _ url: String) -> Account {
            let api = MarketplaceAPI(apiURL: url, maximumAnswer: Broker.maximumAnswer, client: client)
            return Account(name: name, token: token, api: api)
        }
        marketplace = settings.marketplace.map { account("marketplace", $0.token, $0.apiURL) }
        checkout = settings.checkout.map { account("checkout", $0.token, $0.url) }
        var rules = LocalRules()
        rules.checkoutOrigins = settings.checkout?.origins ?? []
        self.rules = rules
    }

    /// Nil where the configuration has none.
    subscript(operation: APIOperation) -> Account? {
        switch operation.credential {
        case .account: marketplace
        case .checkout: checkout
        case .installation, .clientSecret: nil
        }
    }
}

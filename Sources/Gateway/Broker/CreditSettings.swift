import Marketplace
package import SecretMemory

/// The credentials for credits, which are no installation's. Nil: calls that need it are refused.
package struct CreditSettings: Sendable {
    /// For `buyCredits`: a token of a Vercel team.
    package struct Marketplace: Sendable {
        package let token: SecretBytes
        /// Without a slash at its end.
        package let apiURL: String

        package init(token: SecretBytes, apiURL: String = "https://api.vercel.com") {
            self.token = token
            self.apiURL = apiURL
        }
    }

    /// For `createCheckoutSession`: the other vendor's.
    package struct Checkout: Sendable {
        package let token: SecretBytes
        /// Without a slash at its end.
        package let url: String
        /// Where the checkout may send the browser back to, as `https://app.example.com`.
        package let origins: Set<String>

        package init(token: SecretBytes, url: String, origins: Set<String>) {
            self.token = token
            self.url = url
            self.origins = origins
        }
    }

    package var marketplace: Marketplace?
    package var checkout: Checkout?

    package init(marketplace: Marketplace? = nil, checkout: Checkout? = nil) {
        self.marketplace = marketplace
        self.checkout = checkout
    }
}

package import SecretMemory

/// Where the access tokens of an integration's installations come from.
package enum InstallationTokenSource: Sendable {
    /// Nowhere: the token of the login alone tells who somebody is.
    case none
    /// Installation id → token, in the configuration.
    case configured([String: SecretBytes])
    /// The store, where they lie sealed.
    case store
    /// A file that somebody else keeps up to date.
    case file(any TokenFile)
    /// Short-lived ones, fetched when needed. `url` is absolute; values of `parameters` may hold
    /// `ClientCredentialsGrant.placeholder`.
    case clientCredentials(url: String, parameters: [(name: String, value: String)])
}

/// A file of tokens, as the process that can read files shows it to the product.
package protocol TokenFile: Sendable {
    /// What the file says of an installation now. Reads again when the file changed, and goes on with what it knew while
    /// what is there cannot be read.
    func entry(of installationID: String) -> TokenFileEntry
    /// For people.
    var path: String { get }
}

package struct TokenFileEntry: Sendable {
    /// Nil where the file was never readable; a nil inside where it names no token for this installation.
    package let token: SecretBytes??
    /// What is wrong with the file, told once for each change. Never what is in it.
    package let trouble: String?

    package init(token: SecretBytes??, trouble: String? = nil) {
        self.token = token
        self.trouble = trouble
    }
}

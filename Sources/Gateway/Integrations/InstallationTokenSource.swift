package import SecretMemory

/// Where the access tokens of an integration's installations come from.
package enum InstallationTokenSource: Sendable {
    /// No tokens: roles come from the login's id_token alone.
    case none
    /// Installation id → token, in the configuration.
    case configured([String: SecretBytes])
    /// The store, which has them sealed.
    case store
    /// A file that another program keeps up to date.
    case file(any TokenFile)
    /// Short-lived tokens, fetched when needed. `url` is absolute; values of `parameters` may hold
    /// `ClientCredentialsGrant.placeholder`.
    case clientCredentials(url: String, parameters: [(name: String, value: String)])
}

/// A file of tokens. A protocol, because the product itself reads no files.
package protocol TokenFile: Sendable {
    /// The file's present entry for an installation. A changed file is read again; while it cannot be read, the last
    /// readable content is used.
    func entry(of installationID: String) -> TokenFileEntry
    /// For messages.
    var path: String { get }
}

package struct TokenFileEntry: Sendable {
    /// Nil where the file was never readable; a nil inside where it has no token for this installation.
    package let token: SecretBytes??
    /// Why the file cannot be read, once for each change of it. Never its content.
    package let trouble: String?

    package init(token: SecretBytes??, trouble: String? = nil) {
        self.token = token
        self.trouble = trouble
    }
}

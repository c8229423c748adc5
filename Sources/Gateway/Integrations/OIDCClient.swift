import HTTP
import Marketplace

/// An integration as a client of its issuer: standard logins (OpenID Connect Core 1.0 section 3.1).
struct OIDCClient: Sendable {
    /// Where logins are initiated.
    let path: String
    let callbackPath: String
    /// The callback's address. Each integration has its own, so that an answer cannot reach another integration's callback
    /// (RFC 9700 section 4.4.2.2).
    let redirectURI: String
    let metadata: ProviderMetadataCache
    let exchange: AuthorizationCodeExchange

    /// Nil where the integration has no standard logins.
    init?(_ settings: IntegrationSettings, publicOrigin: WebOrigin, discovery: any HTTPClient, exchange: any HTTPClient)
    {
        guard let path = settings.oidcPath, let callbackPath = settings.oidcCallbackPath else { return nil }
        self.path = path
        self.callbackPath = callbackPath
        redirectURI = publicOrigin.description + callbackPath
        metadata = ProviderMetadataCache(issuer: settings.issuer, client: discovery)
        self.exchange = AuthorizationCodeExchange(
            clientID: settings.clientID, clientSecret: settings.clientSecret, redirectURI: redirectURI, client: exchange
        )
    }
}

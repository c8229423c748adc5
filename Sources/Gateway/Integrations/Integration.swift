import HTTP
import Marketplace

/// An integration with its clients of the marketplace.
struct Integration: Sendable {
    let settings: IntegrationSettings
    let exchange: TokenExchange
    let verifier: IDTokenVerifier
    let members: MemberLookup
    let accounts: AccountLookup
    let rotation: CredentialRotation
    let keys: KeySetCache
    let redirects: RedirectPolicy

    var name: String { settings.name }

    init(_ settings: IntegrationSettings, publicOrigin: WebOrigin, client: any HTTPClient) {
        self.settings = settings
        exchange = TokenExchange(
            apiURL: settings.apiURL, clientID: settings.clientID, clientSecret: settings.clientSecret, client: client)
        keys = KeySetCache(url: settings.jwksURL, client: client, algorithms: settings.algorithms)
        let rules = IDTokenRules(
            issuer: settings.issuer, audience: settings.clientID, clockSkew: settings.clockSkew,
            algorithms: settings.algorithms)
        verifier = IDTokenVerifier(rules: rules, keys: keys)
        members = MemberLookup(apiURL: settings.apiURL, client: client)
        rotation = CredentialRotation(
            apiURL: settings.apiURL, clientID: settings.clientID, clientSecret: settings.clientSecret, client: client)
        accounts = AccountLookup(apiURL: settings.apiURL, client: client)
        redirects = RedirectPolicy(origins: [publicOrigin] + settings.origins)
    }
}

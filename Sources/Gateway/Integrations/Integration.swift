import HTTP
import Marketplace

/// An integration with its clients of the marketplace.
struct Integration: Sendable {
    let settings: IntegrationSettings
    let exchange: TokenExchange
    /// Nil where the integration has no standard logins.
    let oidc: OIDCClient?
    let verifier: IDTokenVerifier
    let members: MemberLookup
    let accounts: AccountLookup
    let rotation: CredentialRotation
    let keys: KeySetCache
    let redirects: RedirectPolicy

    var name: String { settings.name }

    init(
        _ settings: IntegrationSettings, publicOrigin: WebOrigin, client: any HTTPClient, keyAges: KeySetAges,
        _ observability: Observability
    ) {
        func observed(_ operation: ObservedClient.Operation) -> ObservedClient {
            ObservedClient(client, operation, observability)
        }
        self.settings = settings
        exchange = TokenExchange(
            apiURL: settings.apiURL, clientID: settings.clientID, clientSecret: settings.clientSecret,
            client: observed(.exchange))
        oidc = OIDCClient(
            settings, publicOrigin: publicOrigin, discovery: observed(.discovery), exchange: observed(.exchange))
        keys = KeySetCache(
            url: settings.jwksURL, client: observed(.keys), algorithms: settings.algorithms,
            report: KeySetMetrics(settings.name, keyAges, observability.metrics).take)
        let rules = IDTokenRules(
            issuer: settings.issuer, audience: settings.clientID, clockSkew: settings.clockSkew,
            algorithms: settings.algorithms)
        verifier = IDTokenVerifier(rules: rules, keys: keys)
        members = MemberLookup(apiURL: settings.apiURL, client: observed(.member))
        rotation = CredentialRotation(
            apiURL: settings.apiURL, clientID: settings.clientID, clientSecret: settings.clientSecret,
            client: observed(.rotation))
        accounts = AccountLookup(apiURL: settings.apiURL, client: observed(.account))
        redirects = RedirectPolicy(
            origins: [publicOrigin] + settings.origins,
            except: [oidc?.path, oidc?.callbackPath].compactMap(\.self))
    }
}

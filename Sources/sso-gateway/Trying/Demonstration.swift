import Gateway
import Marketplace
import MicroHTTPServer
import OpenSSLCrypto
import ProviderStandIn
import SecretMemory

/// The configuration of `try`: the stand-in's demonstration integration, and a key ring in memory.
enum Demonstration {
    static let oidcPath = "/sso/oidc"

    static func configuration(
        _ standIn: StandInSettings, standInURL: String, port: UInt16, listenPort: UInt16, adminPort: UInt16,
        brokerPort: UInt16, brokerToken: String
    ) throws -> Configuration {
        let integration = standIn.integrations[0]
        let installation = integration.installations[0]
        guard let origin = WebOrigin("http://localhost:\(port)") else { preconditionFailure("a port makes an origin") }
        var settings = IntegrationSettings(
            name: "demo", clientID: integration.clientID, clientSecret: SecretBytes(integration.clientSecret),
            slug: integration.slug, issuer: standIn.issuer, jwksURL: standInURL + "/.well-known/jwks",
            apiURL: standInURL, ssoURL: standInURL + "/sso/integrations",
            installationToken: .configured([installation.id: SecretBytes(installation.accessToken)]),
            routes: try routes())
        settings.oidcPath = integration.oidcLoginURL.map { _ in oidcPath }
        let rules = RuleTable([.init(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin]))])
        let ring = KeyRing([KeyRing.Key(id: "00000001", secret: SecretBytes(SecureRandom.bytes(32)))])
        let client = BrokerSettings.Client(
            name: "sample-app", credential: .tokenDigest(SHA256.hash(Array(brokerToken.utf8))),
            operations: Set(APIOperation.partners))
        let credits = CreditSettings(
            marketplace: .init(token: SecretBytes(standIn.accountToken), apiURL: standInURL),
            checkout: .init(
                token: SecretBytes(standIn.checkoutToken), url: standInURL, origins: [origin.description]))
        return Configuration(
            gateway: GatewaySettings(
                publicOrigin: origin, rules: rules, integrations: [settings],
                broker: BrokerSettings(clients: [client], credits: credits)),
            listen: .tcp(host: "127.0.0.1", port: listenPort), adminListen: .tcp(host: "127.0.0.1", port: adminPort),
            brokerListen: .tcp(host: "127.0.0.1", port: brokerPort),
            keyRing: ring, keyRingPath: "(in memory)", caFile: nil, shutdownTimeout: .seconds(2), eventLoops: 1,
            connections: .init(), allowOldHTTPLibrary: false)
    }

    /// A page of the sample app for every kind of deep link.
    private static func routes() throws -> DeepLinkRoutes {
        DeepLinkRoutes(
            default: try RouteTemplate("/dashboard"), product: try RouteTemplate("/products/{product_id}"),
            resource: try RouteTemplate("/dashboard/resources/{resource_id}"),
            project: try RouteTemplate("/dashboard/resources/{resource_id}/projects/{project_id}"),
            check: try RouteTemplate("/dashboard/resources/{resource_id}/checks/{check_id}"),
            experimentationItem: try RouteTemplate("/flags/{experimentation_item_id}"),
            invoice: try RouteTemplate("/billing/invoices/{invoice_id}"),
            path: [
                "billing": try RouteTemplate("/billing"), "usage": try RouteTemplate("/usage"),
                "onboarding": try RouteTemplate("/welcome"), "support": try RouteTemplate("/support"),
                "secrets": try RouteTemplate("/dashboard/resources/{resource_id}/secrets"),
            ])
    }
}

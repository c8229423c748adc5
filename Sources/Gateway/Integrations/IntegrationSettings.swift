package import JOSE
package import SecretMemory

/// One integration as registered with the marketplace.
package struct IntegrationSettings: Sendable {
    /// The partner's own name for it: the key under `integrations`.
    package var name: String
    /// `oac_…`; also the audience of its tokens.
    package var clientID: String
    package var clientSecret: SecretBytes
    /// The secret before the last rotation: webhooks may still be signed with it. Never sent.
    package var previousClientSecret: SecretBytes?
    /// The integration's name in provider-initiated login addresses.
    package var slug: String
    package var callbackPath: String
    package var webhookPath: String
    /// Where a standard login begins; its callback is `/callback` below. Nil for no such logins.
    package var oidcPath: String?
    package var issuer: String
    package var jwksURL: String
    /// The algorithms that its tokens may be signed with.
    package var algorithms: Set<SignatureAlgorithm> = [.rs256]
    /// Leeway for the times in its tokens. In seconds, 0 to 300.
    package var clockSkew: Int64 = 60
    package var apiURL: String
    /// `{ssoURL}/{slug}/{installation}` is where a login begins.
    package var ssoURL: String
    /// Permitted targets of a deep link's `url`, beside paths on the public origin.
    package var origins: [WebOrigin]
    package var unknownInstallations: UnknownInstallations
    /// The address, before `/{id}`, where the partner's own server takes calls about installations; nil for none.
    package var installationHook: String?
    package var installationToken: InstallationTokenSource
    package var routes: DeepLinkRoutes

    package init(
        name: String, clientID: String, clientSecret: SecretBytes, slug: String, callbackPath: String = "/sso/callback",
        webhookPath: String = "/sso/webhook",
        issuer: String = "https://marketplace.vercel.com",
        jwksURL: String = "https://marketplace.vercel.com/.well-known/jwks",
        apiURL: String = "https://api.vercel.com", ssoURL: String = "https://vercel.com/sso/integrations",
        origins: [WebOrigin] = [], unknownInstallations: UnknownInstallations = .allow,
        installationToken: InstallationTokenSource = .none, routes: DeepLinkRoutes
    ) {
        self.name = name
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.slug = slug
        self.callbackPath = callbackPath
        self.webhookPath = webhookPath
        self.issuer = issuer
        self.jwksURL = jwksURL
        self.apiURL = apiURL
        self.ssoURL = ssoURL
        self.origins = origins
        self.unknownInstallations = unknownInstallations
        self.installationToken = installationToken
        self.routes = routes
    }
}

extension IntegrationSettings {
    package var oidcCallbackPath: String? { oidcPath.map { $0 + "/callback" } }

    /// The paths to which the marketplace sends browsers. It may add a slash to each.
    package var browserPaths: [String] { [callbackPath] + [oidcPath, oidcCallbackPath].compactMap(\.self) }
}

/// Whether members of installations that are not stored may sign in.
package enum UnknownInstallations: String, Sendable, CaseIterable {
    case allow, refuse
}

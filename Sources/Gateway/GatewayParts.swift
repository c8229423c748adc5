import HTTP
import Marketplace

/// Composes the features: the only place that knows all of them.
struct GatewayParts {
    let settings: GatewaySettings
    let keyRing: KeyRing
    let access: LiveStore
    private let client: any HTTPClient
    let observability: Observability
    let sessions: SessionKeeper
    let lookup: LookUpRole
    let accounts: AccountNames
    let integrations: [Integration]
    let memory: LoginMemory
    let pages: PageRenderer
    let limits: RequestLimits

    /// `continuing`, `limits`: the state of the gateway that this one replaces.
    init(
        settings: GatewaySettings, keyRing: KeyRing, access: LiveStore, client: any HTTPClient,
        continuing: LoginMemory? = nil, limits: RequestLimits = RequestLimits(), _ observability: Observability
    ) {
        self.limits = limits
        pages = PageRenderer(settings.branding)
        memory =
            continuing.map { LoginMemory(keyRing, continuing: $0, settings.login) }
            ?? LoginMemory(keyRing, store: access, settings.login)
        memory.register(in: observability.metrics)
        self.settings = settings
        self.keyRing = keyRing
        self.access = access
        self.client = client
        self.observability = observability
        sessions = SessionKeeper(
            ring: keyRing, settings: settings, access: access, metrics: observability.metrics)
        let keyAges = KeySetAges(observability)
        integrations = settings.integrations.map {
            Integration(
                $0, publicOrigin: settings.publicOrigin, client: client, keyAges: keyAges, observability)
        }
        let tokens = InstallationTokens(
            settings.integrations, ring: keyRing, access: access,
            client: ObservedClient(client, .token, observability), observability)
        lookup = LookUpRole(integrations, tokens: tokens, observability)
        accounts = AccountNames(integrations, tokens: tokens, access: access, observability)
    }

    /// Of the public listener.
    var routes: [Route] { login + decisions + webhooks + installations }

    private var decisions: [Route] {
        let roles = RefreshRoles(lookup, access: access, lifetimes: settings.session, observability)
        let allowed = AllowedResponses(
            IdentityHeaders(settings.headers), Assertions(keyRing, origin: settings.publicOrigin))
        let routes = ProxyDialect.all.map { dialect in
            Decide(
                dialect, settings.decisions, sessions: sessions, roles: roles,
                allowed: allowed, pages: pages, observability
            ).route
        }
        return routes + [AssertionKeys(keyRing).route] + RefusalPages(pages: pages).routes
    }

    private var webhooks: [Route] {
        settings.integrations.map {
            let route = ReceiveWebhook(
                $0, access: access, lifetimes: settings.session, proxies: settings.trusted, observability
            ).route
            return limited(.refusedCalls, "webhook", limits.webhooks, route)
        }
    }

    private var installations: [Route] {
        let hooks = settings.integrations.compactMap { integration in
            integration.installationHook.map { url in
                (
                    integration.name,
                    InstallationHook(
                        url: url, issuer: settings.publicOrigin.description, key: keyRing.keys[0],
                        client: ObservedClient(client, .hook, observability))
                )
            }
        }
        let calls = AnswerInstallationCall(
            authenticate: AuthenticateCall(integrations: integrations, clock: observability.clock),
            hooks: Dictionary(uniqueKeysWithValues: hooks),
            store: KeepInstallation(
                access: access, seal: InstallationTokenSeal(keyRing), lifetimes: settings.session,
                clock: observability.clock),
            proxies: settings.trusted, observability)
        return [limited(.refusedCalls, "installation_call", limits.installationCalls, calls.route)]
    }

    /// Of the admin listener. `process`: nil where nothing watches the process.
    func administration(
        access guarding: AdminAccess, reload: @escaping @Sendable () async -> ReloadOutcome?,
        process: ProcessHealth?, versions: [(name: String, version: String)]
    ) -> AdminEndpoints {
        AdminEndpoints(
            ready: ReadyReport(
                integrations: integrations, access: access, process: process, upstream: observability.upstream,
                versions: versions),
            reload: ReloadConfiguration(reload: reload),
            revoke: RevokeSessions(
                integrations: integrations.map(\.name), access: access, lifetimes: settings.session,
                log: observability.log),
            installations: InstallationEndpoints(
                integrations: integrations, access: access, seal: InstallationTokenSeal(keyRing),
                lifetimes: settings.session, regions: settings.regions?.names ?? [], log: observability.log),
            guarding: guarding, observability)
    }

    /// Of the listener for partners' servers; nil where the configuration has none. `client`: of its own, so that their calls
    /// leave connections for logins.
    func broker(client: any HTTPClient, continuing other: Broker?) -> Broker? {
        // Operators find the metric whether or not there is a broker.
        _ = Broker.calls(observability.metrics)
        guard let broker = settings.broker else { return nil }
        // Tokens that its calls need are fetched by its own client too: a slow token endpoint must not hold up logins.
        let tokens = InstallationTokens(
            settings.integrations, ring: keyRing, access: access,
            client: ObservedClient(client, .token, observability), observability)
        return Broker(
            broker,
            integrations: settings.integrations.map {
                BrokerIntegration(
                    name: $0.name,
                    api: MarketplaceAPI(
                        apiURL: $0.apiURL, maximumAnswer: Broker.maximumAnswer,
                        client: ObservedClient(client, .broker, observability)))
            },
            credits: BrokerCredits(broker.credits, client: client),
            assertions: BrokerAssertions(
                keyRing, origin: settings.publicOrigin,
                audiences: [settings.publicOrigin.host]
                    + settings.rules.rules.flatMap { [$0.host, $0.app] }.compactMap(\.self)),
            tokens: tokens, continuing: other, observability)
    }
}

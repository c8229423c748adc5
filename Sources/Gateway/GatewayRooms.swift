import HTTP
import Marketplace

/// Puts the rooms together and says which address leads to which: the only place that knows all of them.
struct GatewayRooms {
    let integrations: [Integration]
    let routes: [String: Gateway.Route]
    /// What answers for every path that begins so, as it came on the wire.
    let prefixed: [(prefix: String, route: Gateway.Route)]

    init(
        settings: GatewaySettings, keyRing: KeyRing, access: LiveStore, client: any HTTPClient, clock: Clock,
        log: EventLog, metrics: Metrics
    ) {
        let origin = settings.publicOrigin
        let cookies = GatewayCookies(origin: origin)
        let sessions = SessionKeeper(ring: keyRing, settings: settings, access: access)
        let flows = FlowCookies(ring: keyRing, cookies: cookies, origin: origin)
        let tickets = SwitchTicket(ring: keyRing, cookies: cookies, origin: origin)
        let failures = FailureCount(ring: keyRing, cookies: cookies, origin: origin)
        let ledger = CodeLedger(keyRing, store: access)
        let limiter = AttemptLimiter()
        let logins = FailureCount(ring: keyRing, cookies: cookies, origin: origin, name: cookies.loginsName)
        let restarts = FailureCount(
            ring: keyRing, cookies: cookies, origin: origin, name: cookies.restartsName, limit: 1)
        let observer = LoginObserver(log: log, metrics: metrics)
        let integrations = settings.integrations.map { integration in
            Integration(
                integration, publicOrigin: origin, client: client,
                tokens: InstallationTokens(
                    integration, ring: keyRing, access: access, client: client, log: log, metrics: metrics,
                    clock: clock))
        }
        let lookup = LookUpRole(integrations: integrations, metrics: metrics, clock: clock)
        let accounts = AccountNames(integrations, access: access, log: log, metrics: metrics, clock: clock)
        let roles = RefreshRoles(
            lookup, access: access, lifetimes: settings.session, log: log, metrics: metrics, clock: clock)

        var routes: [String: Gateway.Route] = [:]
        var prefixed: [(prefix: String, route: Gateway.Route)] = []
        for integration in integrations {
            let replies = LoginReplies(
                integration: integration, sessions: sessions, flows: flows, failures: failures, logins: logins,
                restarts: restarts, tickets: tickets, confirm: settings.confirm, accounts: accounts, observer: observer)
            let finish = FinishLogin(
                integration: integration, ledger: ledger, limiter: limiter, sessions: sessions,
                admit: AdmitMember(
                    integration: integration, lookup: lookup, access: access, lifetimes: settings.session,
                    observer: observer, clock: clock),
                replies: replies, settings: settings, observer: observer, clock: clock)
            let webhook = ReceiveWebhook(
                integration: integration.settings, signature: WebhookSignature(integration.settings), access: access,
                lifetimes: settings.session, log: log, metrics: metrics, clock: clock)
            routes[integration.settings.webhookPath] = Gateway.Route(methods: [.post], answer: webhook.answer)
            // The marketplace is free to add or drop the trailing slash.
            for path in [integration.settings.callbackPath, integration.settings.callbackPath + "/"] {
                routes[path] = Gateway.Route(methods: [.get], answer: finish.answer)
            }
        }
        let start = StartLogin(
            integrations: integrations, sessions: sessions, flows: flows, logins: logins, log: log, clock: clock)
        let answerSwitch = AnswerSwitch(
            integrations: integrations, tickets: tickets, sessions: sessions, ledger: ledger, observer: observer,
            clock: clock, publicOrigin: origin)
        let session = SessionEndpoint(sessions: sessions, clock: clock)
        let signOut = SignOut(
            sessions: sessions, accounts: accounts, clock: clock, log: log, metrics: metrics, publicOrigin: origin)
        let assertions = Assertions(keyRing, origin: origin)
        for dialect in ProxyDialect.all {
            let passes = Passes(
                dialect.endpoint == "/oauth2/auth" ? .accepted : .ok, identity: IdentityHeaders(settings.headers),
                assertions: assertions)
            let decide = Decide(
                dialect: dialect, settings: settings, hosts: KnownHosts(settings), sessions: sessions, roles: roles,
                passes: passes,
                metrics: metrics, log: log, clock: clock)
            if dialect.target == .question {
                prefixed.append(
                    (dialect.endpoint + "/", Gateway.Route(methods: HTTPMethod.known, answer: decide.answer)))
            } else {
                routes[dialect.endpoint] = Gateway.Route(methods: [.get], answer: decide.answer)
            }
        }
        let calls = AnswerInstallationCall(
            authenticate: AuthenticateCall(integrations: integrations, clock: clock),
            hooks: Self.hooks(settings, keyRing, client),
            store: KeepInstallation(
                access: access, seal: InstallationTokenSeal(keyRing), lifetimes: settings.session, clock: clock),
            log: log, metrics: metrics, clock: clock)
        prefixed.append(
            (InstallationCall.prefix, Gateway.Route(methods: InstallationCall.methods, answer: calls.answer)))
        routes[AssertionKeys.path] = Gateway.Route(methods: [.get], answer: AssertionKeys(keyRing).answer)
        routes[StartLogin.path] = Gateway.Route(methods: [.get], answer: start.answer)
        routes[AnswerSwitch.path] = Gateway.Route(methods: [.post], answer: answerSwitch.answer)
        routes[SessionEndpoint.path] = Gateway.Route(methods: [.get], answer: session.answer)
        routes[SignOut.path] = Gateway.Route(methods: [.get, .post], answer: signOut.answer)
        self.integrations = integrations
        self.routes = routes
        self.prefixed = prefixed
    }

    private static func hooks(_ settings: GatewaySettings, _ ring: KeyRing, _ client: any HTTPClient)
        -> [String: InstallationHook]
    {
        var hooks: [String: InstallationHook] = [:]
        for integration in settings.integrations {
            hooks[integration.name] = integration.installationHook.map {
                InstallationHook(
                    url: $0, issuer: settings.publicOrigin.description, key: ring.keys[0], client: client)
            }
        }
        return hooks
    }
}

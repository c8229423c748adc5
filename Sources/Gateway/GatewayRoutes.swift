import HTTP
import Marketplace

/// Puts the features together and says which address leads to which: the only place that knows all of them.
struct GatewayRoutes {
    let integrations: [Integration]
    let routes: [String: Route]
    /// What answers for every path that begins so, as it came on the wire.
    let prefixed: [(prefix: String, route: Route)]

    init(
        settings: GatewaySettings, keyRing: KeyRing, access: LiveStore, client: any HTTPClient,
        _ observability: Observability
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
        let observer = LoginObserver(observability)
        let integrations = settings.integrations.map { integration in
            Integration(integration, publicOrigin: origin, client: client)
        }
        let tokens = InstallationTokens(
            settings.integrations, ring: keyRing, access: access, client: client, observability)
        let lookup = LookUpRole(integrations, tokens: tokens, observability)
        let accounts = AccountNames(integrations, tokens: tokens, access: access, observability)
        let roles = RefreshRoles(lookup, access: access, lifetimes: settings.session, observability)

        var routes: [String: Route] = [:]
        var prefixed: [(prefix: String, route: Route)] = []
        for integration in integrations {
            let replies = LoginReplies(
                integration: integration, sessions: sessions, flows: flows, failures: failures, logins: logins,
                restarts: restarts, tickets: tickets, confirm: settings.confirm, accounts: accounts, observer: observer)
            let finish = FinishLogin(
                integration: integration, ledger: ledger, limiter: limiter, sessions: sessions,
                admit: AdmitMember(
                    integration: integration, lookup: lookup, access: access, lifetimes: settings.session,
                    clock: observability.clock),
                replies: replies, proxies: settings.trusted, observer: observer)
            let webhook = ReceiveWebhook(
                integration.settings, access: access, lifetimes: settings.session, observability)
            routes[integration.settings.webhookPath] = Route(methods: [.post], answer: webhook.answer)
            // The marketplace is free to add or drop the trailing slash.
            for path in [integration.settings.callbackPath, integration.settings.callbackPath + "/"] {
                routes[path] = Route(methods: [.get], answer: finish.answer)
            }
        }
        let start = StartLogin(
            integrations: integrations, sessions: sessions, flows: flows, logins: logins,
            observability: observability)
        let answerSwitch = AnswerSwitch(
            integrations: integrations, tickets: tickets, sessions: sessions, ledger: ledger, observer: observer,
            clock: observability.clock, publicOrigin: origin)
        let session = SessionEndpoint(sessions: sessions, clock: observability.clock)
        let signOut = SignOut(
            sessions: sessions, accounts: accounts, publicOrigin: origin, observability)
        let assertions = Assertions(keyRing, origin: origin)
        for dialect in ProxyDialect.all {
            let passes = Passes(
                dialect.endpoint == "/oauth2/auth" ? .accepted : .ok, identity: IdentityHeaders(settings.headers),
                assertions: assertions)
            let decide = Decide(
                dialect, settings.decisions, sessions: sessions, roles: roles, passes: passes, observability)
            if dialect.target == .question {
                prefixed.append(
                    (dialect.endpoint + "/", Route(methods: HTTPMethod.known, answer: decide.answer)))
            } else {
                routes[dialect.endpoint] = Route(methods: [.get], answer: decide.answer)
            }
        }
        let calls = AnswerInstallationCall(
            authenticate: AuthenticateCall(integrations: integrations, clock: observability.clock),
            hooks: Self.hooks(settings, keyRing, client),
            store: KeepInstallation(
                access: access, seal: InstallationTokenSeal(keyRing), lifetimes: settings.session,
                clock: observability.clock),
            observability)
        prefixed.append(
            (InstallationCall.prefix, Route(methods: InstallationCall.methods, answer: calls.answer)))
        routes[AssertionKeys.path] = Route(methods: [.get], answer: AssertionKeys(keyRing).answer)
        routes[SignInAddress.path] = Route(methods: [.get], answer: start.answer)
        routes[AnswerSwitch.path] = Route(methods: [.post], answer: answerSwitch.answer)
        routes[SessionEndpoint.path] = Route(methods: [.get], answer: session.answer)
        routes[SignOut.path] = Route(methods: [.get, .post], answer: signOut.answer)
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

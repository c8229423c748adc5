package import HTTP

/// The configuration, read and checked. The executable makes it from the configuration file.
package struct GatewaySettings: Sendable {
    /// The origin under which browsers see both the gateway and the partner's app.
    package var publicOrigin: WebOrigin
    /// See `TrustedProxies`.
    package var trustedProxies: [IPNetwork]
    package var session: SessionLifetimes
    package var members: MemberSettings
    package var login: LoginSettings
    /// Nil for one region.
    package var regions: RegionSettings?
    package var headers: IdentityHeaderFamily
    package var rules: RuleTable
    /// Which decisions are logged.
    package var loggedDecisions: DecisionSampling
    /// In the order of the file; at least one.
    package var integrations: [IntegrationSettings]
    /// Nil for no broker.
    package var broker: BrokerSettings?
    package var branding: Branding

    package init(
        publicOrigin: WebOrigin, trustedProxies: [IPNetwork] = Self.loopback, session: SessionLifetimes = .init(),
        members: MemberSettings = .init(), login: LoginSettings = .init(),
        regions: RegionSettings? = nil, headers: IdentityHeaderFamily = .authRequest,
        rules: RuleTable = .init(), loggedDecisions: DecisionSampling = .none, integrations: [IntegrationSettings],
        broker: BrokerSettings? = nil, branding: Branding = Branding()
    ) {
        self.publicOrigin = publicOrigin
        self.trustedProxies = trustedProxies
        self.session = session
        self.members = members
        self.login = login
        self.regions = regions
        self.headers = headers
        self.rules = rules
        self.loggedDecisions = loggedDecisions
        self.integrations = integrations
        self.broker = broker
        self.branding = branding
    }

    package static let loopback = [IPNetwork("127.0.0.0/8"), IPNetwork("::1/128")].compactMap(\.self)
}

/// The settings of each feature.
extension GatewaySettings {
    var trusted: TrustedProxies { TrustedProxies(trustedProxies) }

    var decisions: DecisionSettings {
        DecisionSettings(
            publicOrigin: publicOrigin, trustedProxies: trusted, rules: rules, members: members,
            sampling: loggedDecisions, soleIntegration: integrations.count == 1 ? integrations[0].name : nil)
    }
}

extension SessionKeeper {
    init(ring: KeyRing, settings: GatewaySettings, access: LiveStore, metrics: Metrics = Metrics()) {
        self.init(
            ring: ring, origin: settings.publicOrigin, integrations: settings.integrations.map(\.name),
            lifetimes: settings.session, access: access, metrics: metrics)
    }
}

extension ExplainDecision {
    package init(settings: GatewaySettings, keyRing: KeyRing, access: LiveStore) {
        self.init(settings.decisions, SessionKeeper(ring: keyRing, settings: settings, access: access))
    }
}

package import HTTP

/// Everything the product is told about its surroundings, already read and checked. Made from the configuration file
/// by the executable, and by hand in tests.
package struct GatewaySettings: Sendable {
    /// The address under which browsers see both the gateway and the partner's app.
    package var publicOrigin: WebOrigin
    /// Peers that may ask for decisions and whose `X-Forwarded-For` is believed. Unix sockets always are.
    package var trustedProxies: [IPNetwork]
    package var session: SessionLifetimes
    package var members: MemberSettings
    package var confirm: ConfirmLogin
    package var headers: IdentityHeaderFamily
    package var rules: RuleTable
    /// In the order of the file; at least one.
    package var integrations: [IntegrationSettings]

    package init(
        publicOrigin: WebOrigin, trustedProxies: [IPNetwork] = Self.loopback, session: SessionLifetimes = .init(),
        members: MemberSettings = .init(), confirm: ConfirmLogin = .whenSwitching,
        headers: IdentityHeaderFamily = .authRequest,
        rules: RuleTable = .init(), integrations: [IntegrationSettings]
    ) {
        self.publicOrigin = publicOrigin
        self.trustedProxies = trustedProxies
        self.session = session
        self.members = members
        self.confirm = confirm
        self.headers = headers
        self.rules = rules
        self.integrations = integrations
    }

    package static let loopback = [IPNetwork("127.0.0.0/8"), IPNetwork("::1/128")].compactMap(\.self)

    func trusts(_ peer: PeerAddress) -> Bool {
        switch peer {
        case .unixSocket: true
        case .ip(let address): trustedProxies.contains { $0.contains(address) }
        }
    }
}

/// When a person is asked before a login takes effect.
package enum ConfirmLogin: String, Sendable, CaseIterable {
    /// Only when somebody else is signed in on this browser.
    case whenSwitching = "switch"
    case always
}

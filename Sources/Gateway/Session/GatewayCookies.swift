import HTTP

/// The names and attributes of everything the gateway keeps in a browser.
struct GatewayCookies: Sendable {
    private let isSecure: Bool
    /// Asked for in every decision.
    let sessionName: String

    /// Plain `http://` has no `__Host-` names; the configuration allows it for loopback hosts only.
    init(origin: WebOrigin) {
        isSecure = origin.isSecure
        sessionName = (origin.isSecure ? "__Host-" : "") + "sso_session"
    }

    private func named(_ name: String) -> String { isSecure ? "__Host-" + name : name }

    var flowPrefix: String { named("sso_flow_") }
    var ticketName: String { named("sso_ticket") }
    var failuresName: String { named("sso_failures") }
    var loginsName: String { named("sso_logins") }

    func cookie(_ name: String) -> SetCookie { SetCookie(name: name, isSecure: isSecure) }
}

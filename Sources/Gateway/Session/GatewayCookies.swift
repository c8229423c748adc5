import HTTP

/// The names and attributes of the gateway's cookies.
struct GatewayCookies: Sendable {
    private let isSecure: Bool
    /// Stored, because every decision needs it.
    let sessionName: String

    /// Plain `http://` has no `__Host-` names; the configuration allows it for loopback hosts only.
    init(origin: WebOrigin) {
        isSecure = origin.isSecure
        sessionName = Self.named("sso_session", isSecure)
    }

    private static func named(_ name: String, _ isSecure: Bool) -> String { isSecure ? "__Host-" + name : name }

    var flowPrefix: String { Self.named("sso_flow_", isSecure) }
    var standardFlowPrefix: String { Self.named("sso_oidc_", isSecure) }
    var departurePrefix: String { Self.named("sso_departure_", isSecure) }
    var visitPrefix: String { Self.named("sso_visit_", isSecure) }
    var ticketName: String { Self.named("sso_ticket", isSecure) }
    var failuresName: String { Self.named("sso_failures", isSecure) }
    var loginsName: String { Self.named("sso_logins", isSecure) }
    var restartsName: String { Self.named("sso_restarts", isSecure) }

    /// Whether the browser sent any cookie of ours, valid or not: then it keeps cookies.
    func hasAny(in request: HTTPRequest) -> Bool {
        let cookies = CookieHeader(request.headers)
        let names = [sessionName, ticketName, failuresName, loginsName, restartsName]
        return names.contains { cookies.lookUp($0) != .absent }
            || [flowPrefix, standardFlowPrefix, departurePrefix, visitPrefix].contains {
                !cookies.names(withPrefix: $0).isEmpty
            }
    }

    func cookie(_ name: String) -> SetCookie { SetCookie(name: name, isSecure: isSecure) }
}

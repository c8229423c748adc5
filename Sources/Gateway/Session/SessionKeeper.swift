import HTTP
import Marketplace

/// Opens, renews, issues and ends sessions: what every other folder asks for when it wants to know who is there.
struct SessionKeeper: Sendable {
    private let seal: SessionSeal
    private let cookies: GatewayCookies
    private let access: LiveStore
    let lifetimes: SessionLifetimes

    init(ring: KeyRing, settings: GatewaySettings, access: LiveStore) {
        self.access = access
        cookies = GatewayCookies(origin: settings.publicOrigin)
        lifetimes = settings.session
        seal = SessionSeal(
            ring, cookieName: cookies.sessionName, integrations: settings.integrations.map(\.name),
            origin: settings.publicOrigin)
    }

    /// Whose session came with the request, if it is one of ours, not over and not revoked; with the newest role there is.
    func live(in request: HTTPRequest, now: Int64) -> Session? {
        guard var session = lapsed(in: request), lifetimes.isLive(session, now: now) else { return nil }
        switch access.index.standing(of: session) {
        case .revoked: return nil
        case .asIssued: break
        case .role(let role, let checkedAt):
            session.role = role
            session.roleCheckedAt = checkedAt
        }
        return session
    }

    /// The session that came with the request even when it is over: tells where to sign in again, grants nothing.
    func lapsed(in request: HTTPRequest) -> Session? {
        CookieHeader(request.headers)[cookies.sessionName].flatMap(seal.open)
    }

    /// Whether the session that came would still be good, had it not been ended.
    func isRevoked(in request: HTTPRequest, now: Int64) -> Bool {
        guard let session = lapsed(in: request), lifetimes.isLive(session, now: now) else { return false }
        return access.index.standing(of: session) == .revoked
    }

    func issue(_ session: Session, now: Int64) -> String {
        cookies.cookie(cookies.sessionName).setting(seal.seal(session), maxAge: session.expires - now)
    }

    /// A `Set-Cookie` that carries the session on, or nil while the old one is young enough.
    func renewal(of session: Session, now: Int64) -> String? {
        guard lifetimes.wantsRenewal(session, now: now) else { return nil }
        var renewed = session
        renewed.lastRenewed = now
        return issue(renewed, now: now)
    }

    /// Ends a session at once, wherever its cookie has been copied to. Returns the `Set-Cookie` that clears it. Where the
    /// store does not take it, the session goes on: half an end would be forgotten with the process.
    @discardableResult
    func end(_ session: Session, now: Int64) async throws(StoreError) -> String {
        try await access.write([.revocation(.of(session, now: now))])
        return clearing
    }

    var clearing: String { cookies.cookie(cookies.sessionName).clearing }
}

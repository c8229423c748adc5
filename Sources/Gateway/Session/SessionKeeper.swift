import HTTP
import Marketplace

/// Opens, renews, issues and ends sessions: what every other folder asks for when it wants to know who is there.
struct SessionKeeper: Sendable {
    private let seal: SessionSeal
    private let cookies: GatewayCookies
    private let access: LiveStore
    private let opened = OpenedSessions()
    let lifetimes: SessionLifetimes

    /// `integrations`: their names.
    init(ring: KeyRing, origin: WebOrigin, integrations: [String], lifetimes: SessionLifetimes, access: LiveStore) {
        self.access = access
        self.lifetimes = lifetimes
        cookies = GatewayCookies(origin: origin)
        seal = SessionSeal(ring, cookieName: cookies.sessionName, integrations: integrations, origin: origin)
    }

    /// Whose session came with the request, if it is one of ours, not over, not revoked and not from a clock that was
    /// wrong; with the newest role there is.
    func find(in request: HTTPRequest, now: Int64) -> LiveSession? {
        guard let opened = open(request), lifetimes.isLive(opened.session, now: now),
            access.index.isPlausible(opened.session, now: now)
        else { return nil }
        return switch opened.standing(in: access.index) {
        case .revoked: nil
        case .asIssued: LiveSession(opened)
        case .role(let role, let checkedAt): LiveSession(opened, role: role, checkedAt: checkedAt)
        }
    }

    /// The same as it would be sealed now.
    func live(in request: HTTPRequest, now: Int64) -> Session? { find(in: request, now: now)?.current }

    /// Whether more is known by now than when the session was found.
    func isOvertaken(_ session: LiveSession) -> Bool {
        switch session.opened.standing(in: access.index) {
        case .revoked: true
        case .asIssued: false
        case .role(_, let checkedAt): checkedAt > session.roleCheckedAt
        }
    }

    /// The session that came with the request even when it is over: tells where to sign in again, grants nothing.
    func lapsed(in request: HTTPRequest) -> Session? { open(request)?.session }

    private func open(_ request: HTTPRequest) -> OpenedSession? {
        guard request.headers.has(.cookie), let cookie = CookieHeader(request.headers)[cookies.sessionName] else {
            return nil
        }
        return opened.session(in: cookie) { seal.open($0) }
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

    /// The same for a session that was found; made into one that could be sealed only when it has to be.
    func renewal(of session: LiveSession, now: Int64) -> String? {
        lifetimes.wantsRenewal(session.opened.session, now: now) ? renewal(of: session.current, now: now) : nil
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

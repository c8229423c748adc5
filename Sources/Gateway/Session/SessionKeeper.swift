import HTTP
import Marketplace

/// Opens, renews, issues and ends sessions: what every other folder asks for when it wants to know who is there.
struct SessionKeeper: Sendable {
    private let seal: SessionSeal
    private let cookies: GatewayCookies
    private let access: LiveStore
    private let opened = OpenedSessions()
    private let opens: Counter
    private let renewals: Counter
    let lifetimes: SessionLifetimes

    /// `integrations`: their names.
    init(
        ring: KeyRing, origin: WebOrigin, integrations: [String], lifetimes: SessionLifetimes, access: LiveStore,
        metrics: Metrics
    ) {
        self.access = access
        self.lifetimes = lifetimes
        cookies = GatewayCookies(origin: origin)
        seal = SessionSeal(ring, cookieName: cookies.sessionName, integrations: integrations, origin: origin)
        opens = metrics.counter("sessions_opened_total", "Sessions that a login opened.")
        renewals = metrics.counter("sessions_renewed_total", "Session cookies that were renewed.")
    }

    /// What the request presented. A live session is one of ours, within its time, not revoked and not from a clock that was
    /// wrong; it has the newest role there is.
    func presented(in request: HTTPRequest, now: Int64) -> PresentedSession {
        guard let session = open(request) else { return .none }
        guard lifetimes.isLive(session, now: now) else { return .lapsed(session) }
        let standing = access.index.standing(of: session)
        if standing == .revoked { return .revoked(session) }
        guard access.index.isPlausible(session, now: now) else { return .lapsed(session) }
        if case .role(let role, let checkedAt) = standing {
            return .live(LiveSession(session, role: role, checkedAt: checkedAt))
        }
        return .live(LiveSession(session))
    }

    /// The live session that came with the request, as it would be sealed now.
    func live(in request: HTTPRequest, now: Int64) -> Session? { presented(in: request, now: now).live?.current }

    /// Whether more is known by now than when the session was found.
    func isOvertaken(_ session: LiveSession) -> Bool {
        switch access.index.standing(of: session.opened) {
        case .revoked: true
        case .asIssued: false
        case .role(_, let checkedAt): checkedAt > session.roleCheckedAt
        }
    }

    private func open(_ request: HTTPRequest) -> Session? {
        guard request.headers.has(.cookie), let cookie = CookieHeader(request.headers)[cookies.sessionName] else {
            return nil
        }
        return opened.session(in: cookie) { seal.open($0) }
    }

    /// The `Set-Cookie` of a new session.
    func issue(_ session: Session, now: Int64) -> String {
        opens.count()
        return cookie(session, now: now)
    }

    private func cookie(_ session: Session, now: Int64) -> String {
        cookies.cookie(cookies.sessionName).setting(seal.seal(session), maxAge: session.expires - now)
    }

    /// A `Set-Cookie` that carries the session on, or nil while the old one is young enough.
    func renewal(of session: Session, now: Int64) -> String? {
        guard lifetimes.wantsRenewal(session, now: now) else { return nil }
        var renewed = session
        renewed.lastRenewed = now
        renewals.count()
        return cookie(renewed, now: now)
    }

    /// The same for a session that was found; made into one that could be sealed only when it has to be.
    func renewal(of session: LiveSession, now: Int64) -> String? {
        lifetimes.wantsRenewal(session.opened, now: now) ? renewal(of: session.current, now: now) : nil
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

import HTTP
import Marketplace

/// Opens, issues, renews and ends sessions.
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

    /// The session that the request presented. A live one is genuine, neither expired nor revoked nor from a clock that was
    /// wrong, and has the newest known role.
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

    /// The request's live session with the newest role; nil for none.
    func live(in request: HTTPRequest, now: Int64) -> Session? { presented(in: request, now: now).live?.current }

    /// Whether the index has a newer role or a revocation since the session was found.
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

    /// The `Set-Cookie` that renews the session; nil while the old one is new enough.
    func renewal(of session: Session, now: Int64) -> String? {
        guard lifetimes.wantsRenewal(session, now: now) else { return nil }
        var renewed = session
        renewed.lastRenewed = now
        renewals.count()
        return cookie(renewed, now: now)
    }

    func renewal(of session: LiveSession, now: Int64) -> String? {
        lifetimes.wantsRenewal(session.opened, now: now) ? renewal(of: session.current, now: now) : nil
    }

    /// Revokes a session, so that copies of its cookie end too. Returns the `Set-Cookie` that clears it. If the store fails,
    /// the session stays: a revocation in memory alone would be lost at a restart.
    @discardableResult
    func end(_ session: Session, now: Int64) async throws(StoreError) -> String {
        try await access.write([.revocation(.of(session, now: now))])
        return clearing
    }

    var clearing: String { cookies.cookie(cookies.sessionName).clearing }
}

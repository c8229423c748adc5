import Marketplace

/// What a request presented, looked up once for each request.
enum PresentedSession: Sendable {
    /// No session cookie, or none that opens.
    case none
    case live(LiveSession)
    /// A session past its time, or from a clock that was wrong: tells where to sign in again, grants nothing.
    case lapsed(Session)
    /// A session that would still be good, had it not been ended.
    case revoked(Session)

    var live: LiveSession? { if case .live(let session) = self { session } else { nil } }

    var isRevoked: Bool { if case .revoked = self { true } else { false } }

    /// Whatever opens, good or not. Grants nothing.
    var opened: Session? {
        switch self {
        case .none: nil
        case .live(let live): live.opened
        case .lapsed(let session), .revoked(let session): session
        }
    }
}

/// A session that holds at this moment, with the newest role there is.
struct LiveSession: Sendable {
    /// As the cookie says.
    let opened: Session
    let role: MemberRole
    let roleCheckedAt: Int64

    init(_ opened: Session) { self.init(opened, role: opened.role, checkedAt: opened.roleCheckedAt) }

    init(_ opened: Session, role: MemberRole, checkedAt: Int64) {
        self.opened = opened
        self.role = role
        roleCheckedAt = checkedAt
    }

    var id: SessionID { opened.id }
    var member: MemberKey { opened.member }

    /// As it would be sealed now.
    var current: Session {
        var session = opened
        session.role = role
        session.roleCheckedAt = roleCheckedAt
        return session
    }
}

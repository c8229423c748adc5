import Marketplace

/// The session that a request presented.
enum PresentedSession: Sendable {
    /// No session cookie, or none that opens.
    case none
    case live(LiveSession)
    /// An expired session, or one from a clock that was wrong. Used only to choose where to sign in again.
    case lapsed(Session)
    /// A revoked session that has not expired.
    case revoked(Session)

    var live: LiveSession? { if case .live(let session) = self { session } else { nil } }

    var isRevoked: Bool { if case .revoked = self { true } else { false } }

    /// The session, valid or not. Must not grant anything.
    var opened: Session? {
        switch self {
        case .none: nil
        case .live(let live): live.opened
        case .lapsed(let session), .revoked(let session): session
        }
    }
}

/// A valid session with the newest known role.
struct LiveSession: Sendable {
    /// As in the cookie.
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

    /// The session with the newest role, for sealing.
    var current: Session {
        var session = opened
        session.role = role
        session.roleCheckedAt = roleCheckedAt
        return session
    }
}

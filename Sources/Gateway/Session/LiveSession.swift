import Marketplace

/// A session that holds at this moment, with the newest role there is.
struct LiveSession: Sendable {
    let opened: OpenedSession
    let role: MemberRole
    let roleCheckedAt: Int64

    init(_ opened: OpenedSession) {
        self.init(opened, role: opened.session.role, checkedAt: opened.session.roleCheckedAt)
    }

    init(_ opened: OpenedSession, role: MemberRole, checkedAt: Int64) {
        self.opened = opened
        self.role = role
        roleCheckedAt = checkedAt
    }

    var id: SessionID { opened.session.id }
    var member: MemberKey { opened.session.member }

    /// As it would be sealed now.
    var current: Session {
        var session = opened.session
        session.role = role
        session.roleCheckedAt = roleCheckedAt
        return session
    }
}

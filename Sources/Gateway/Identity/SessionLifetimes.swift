/// How long a session lasts. In seconds.
package struct SessionLifetimes: Sendable, Equatable {
    /// Since the last request.
    package var idle: Int64
    /// Since the login.
    package var absolute: Int64

    package init(idle: Int64 = 15 * 60, absolute: Int64 = 8 * 3600) {
        self.idle = idle
        self.absolute = absolute
    }

    /// Renewing after a third of the idle time needs few cookies, and no active session expires.
    func wantsRenewal(_ session: Session, now: Int64) -> Bool {
        now - session.lastRenewed >= idle / 3 && now < session.expires
    }

    func isLive(_ session: Session, now: Int64) -> Bool {
        // `expires` was computed with the settings at the login; `absolute` may have been lowered since.
        now < session.expires && now < session.issuedAt + absolute && now < session.lastRenewed + idle
    }
}

/// How long a session lasts. In seconds.
package struct SessionLifetimes: Sendable, Equatable {
    /// Without any request.
    package var idle: Int64
    /// However busy.
    package var absolute: Int64

    package init(idle: Int64 = 15 * 60, absolute: Int64 = 8 * 3600) {
        self.idle = idle
        self.absolute = absolute
    }

    /// Renewing at a third of the idle time costs few cookies and never lets an active session lapse.
    func wantsRenewal(_ session: Session, now: Int64) -> Bool {
        now - session.lastRenewed >= idle / 3 && now < session.expires
    }

    func isLive(_ session: Session, now: Int64) -> Bool {
        // The second of the three matters when the setting was lowered after this session began.
        now < session.expires && now < session.issuedAt + absolute && now < session.lastRenewed + idle
    }
}

import Marketplace

/// Every login's outcome, in the log and in the metrics at once, so that neither can forget what the other says.
struct LoginObserver: Sendable {
    let log: EventLog
    let metrics: Metrics

    func succeeded(_ session: Session, _ id: RequestID) {
        metrics.logins.count("succeeded")
        log.record(
            .loginSucceeded, id,
            [
                "integration": session.member.integration, "installation": session.member.installationID,
                "user": session.member.userID, "role": session.role.rawValue, "session": session.id.text,
            ])
    }

    func repeated(_ session: Session, _ id: RequestID) {
        metrics.logins.count("repeated")
        log.record(.loginRepeated, id, ["session": session.id.text])
    }

    func restarted(_ integration: String, _ id: RequestID) {
        metrics.logins.count("restarted")
        log.record(.loginRestarted, id, ["integration": integration])
    }

    func asked(_ session: Session, _ id: RequestID) {
        metrics.logins.count("asked")
        log.record(.loginAsked, id, ["integration": session.member.integration, "user": session.member.userID])
    }

    func declined(_ id: RequestID) {
        metrics.logins.count("declined")
        log.record(.loginDeclined, id)
    }

    func failed(_ login: FailedLogin, _ integration: String, _ id: RequestID) {
        metrics.logins.count(login.failure.rawValue)
        log.record(
            .loginFailed, id,
            [
                "outcome": login.failure.rawValue, "reason": login.reason, "detail": login.detail,
                "integration": integration,
            ])
    }

    func lookupUnavailable(_ reason: String, _ integration: String, _ id: RequestID) {
        metrics.memberLookupsUnavailable.count()
        log.record(.memberLookupUnavailable, id, ["reason": reason, "integration": integration])
    }
}

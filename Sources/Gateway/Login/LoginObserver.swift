import HTTP
import Marketplace

/// Records every login's outcome in the log and in the metrics at once, so that the two cannot differ.
struct LoginObserver: Sendable {
    let observability: Observability
    /// Whose `X-Forwarded-For` names the client.
    private let proxies: TrustedProxies
    private let logins: LabelledCounter
    private let limited: LabelledCounter
    private let deepLinkValuesIgnored: Counter
    let exchangeDuration: Histogram

    init(_ observability: Observability, behind proxies: TrustedProxies) {
        self.observability = observability
        self.proxies = proxies
        let metrics = observability.metrics
        logins = metrics.counter(
            "logins_total", "Logins by outcome.", label: "outcome",
            values: ["succeeded", "repeated", "restarted", "asked", "declined", "handed_over"]
                + LoginFailure.allCases.map(\.rawValue))
        limited = metrics.limitedRequests
        deepLinkValuesIgnored = metrics.counter(
            "deep_link_values_ignored_total", "Deep-link values that were passed over.")
        exchangeDuration = metrics.histogram(
            "exchange_seconds", "Time for code exchange and token check.", bounds: Metrics.outbound)
    }

    private var log: EventLog { observability.log }

    func succeeded(_ session: Session, _ context: RequestContext) {
        logins.count("succeeded")
        log.record(
            .loginSucceeded, context.id,
            [
                "integration": session.member.integration, "installation": session.member.installationID,
                "user": session.member.userID, "role": session.role.rawValue, "session": session.id.text,
                "client": client(of: context),
            ])
    }

    func repeated(_ session: Session, _ id: RequestID) {
        logins.count("repeated")
        log.record(.loginRepeated, id, ["session": session.id.text])
    }

    func restarted(_ integration: String, _ id: RequestID) {
        logins.count("restarted")
        log.record(.loginRestarted, id, ["integration": integration])
    }

    func needsConfirmation(_ session: Session, _ id: RequestID) {
        logins.count("asked")
        log.record(
            .loginNeedsConfirmation, id, ["integration": session.member.integration, "user": session.member.userID])
    }

    func handedOver(_ member: VerifiedMember, to home: RegionSettings.Region, _ context: RequestContext) {
        logins.count("handed_over")
        log.record(
            .loginHandedOver, context.id,
            [
                "integration": member.key.integration, "installation": member.key.installationID,
                "user": member.key.userID, "region": home.name, "client": client(of: context),
            ])
    }

    func declined(_ id: RequestID) {
        logins.count("declined")
        log.record(.loginDeclined, id)
    }

    func failed(_ login: FailedLogin, _ integration: String, _ context: RequestContext) {
        logins.count(login.failure.rawValue)
        let isMarketplaces = login.reason == ExchangeFailure.rateLimited.reason
        if login.failure == .tooManyAttempts, !isMarketplaces { limited.count("login") }
        log.record(
            .loginFailed, context.id,
            [
                "outcome": login.failure.rawValue, "reason": login.reason, "detail": login.detail,
                "integration": integration, "client": client(of: context),
            ])
    }

    private func client(of context: RequestContext) -> String {
        ClientAddress.of(context.request, behind: proxies).description
    }

    func ignored(deepLinkValues count: Int) { if count > 0 { deepLinkValuesIgnored.count(by: count) } }
}

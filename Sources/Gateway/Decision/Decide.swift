import HTTP
import Untrusted

/// Answers decision requests: whether the original request is allowed, and who sends it. Needs no network and no store,
/// unless the member's role is too old.
struct Decide: Sendable {
    private let dialect: ProxyDialect
    private let settings: DecisionSettings
    private let hosts: KnownHosts
    private let sessions: SessionKeeper
    private let roles: RefreshRoles
    private let allowed: AllowedResponses
    private let anonymous: HTTPResponse
    private let log: EventLog
    private let clock: Clock
    private let outcomes: LabelledCounter
    private let duration: Histogram
    private let signInResponses: SignInResponses
    private let pages: RefusalPages

    init(
        _ dialect: ProxyDialect, _ settings: DecisionSettings, sessions: SessionKeeper, roles: RefreshRoles,
        allowed: AllowedResponses, pages: PageRenderer, _ observability: Observability
    ) {
        self.dialect = dialect
        self.settings = settings
        hosts = KnownHosts(settings)
        self.sessions = sessions
        self.roles = roles
        self.allowed = allowed
        anonymous = allowed.anonymous(dialect.allowed)
        self.pages = RefusalPages(pages: pages)
        signInResponses = SignInResponses(dialect, settings, pages: self.pages)
        log = observability.log
        clock = observability.clock
        let metrics = observability.metrics
        outcomes = metrics.counter(
            "decisions_total", "Decisions by outcome.", label: "outcome",
            values: DecisionLine.Outcome.allCases.map(\.rawValue))
        duration = metrics.histogram(
            "decision_seconds", "Time to decide.",
            bounds: [
                5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
                2_500_000_000, 5_000_000_000, 10_000_000_000,
            ])
    }

    var route: Route {
        // The original request's path follows Envoy's endpoint, and its method may be any.
        dialect.target == .decisionRequest
            ? Route(.below(dialect.endpoint + "/"), HTTPMethod.known, answer)
            : Route(.exactly(dialect.endpoint), [.get], answer)
    }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let began = clock.nanoseconds()
        if settings.sampling.contains(context.id) { return logged(context, since: began) }
        switch decide(context, nil) {
        case .now(let response):
            duration.record(clock.nanoseconds() - began)
            return .now(response)
        case .later(let work):
            return .later {
                let response = await work()
                duration.record(clock.nanoseconds() - began)
                return response
            }
        }
    }

    /// The same for a decision of the sample. The others must not pay for its line.
    private func logged(_ context: RequestContext, since began: UInt64) -> HTTPAnswer {
        let line = DecisionLine()
        @Sendable func finish(_ response: HTTPResponse) -> HTTPResponse {
            let nanoseconds = clock.nanoseconds() - began
            duration.record(nanoseconds)
            let client = ClientAddress.of(context.request, behind: settings.trustedProxies)
            log.record(
                .decision, context.id, line.fields(response.status, dialect, client, nanoseconds: nanoseconds))
            return response
        }
        switch decide(context, line) {
        case .now(let response): return .now(finish(response))
        case .later(let work): return .later { finish(await work()) }
        }
    }

    private func decide(_ context: RequestContext, _ line: DecisionLine?) -> HTTPAnswer {
        guard settings.trustedProxies.contain(context.request.peer) else {
            return .now(
                refused(
                    .untrusted, "untrusted_peer", "This address answers only to the proxies it trusts.", context, line))
        }
        let original: OriginalRequest
        do throws(OriginalRequest.Refusal) {
            original = try dialect.read(context.request)
            guard hosts.contains(original.hostBytes) else { throw .unknownHost }
        } catch {
            return .now(
                refused(
                    .malformed, error.reason, "The original request is missing or could be read twice.", context, line))
        }
        return answer(original, context, line)
    }

    private func answer(_ original: OriginalRequest, _ context: RequestContext, _ line: DecisionLine?) -> HTTPAnswer {
        let presented = sessions.presented(in: context.request, now: context.now)
        guard let session = presented.live else { return .now(answer(original, context, presented, line)) }
        let age = context.now - session.roleCheckedAt
        if age >= settings.members.maximumAge {
            // A path that is allowed for anyone does not depend on the role.
            let anonymous = settings.rules.decide(original, role: nil)
            guard anonymous.permission == .allow else { return aged(session, original, context, line) }
        } else if age >= settings.members.refresh {
            roles.begin(session.member) { sessions.isOvertaken(session) }
        }
        return .now(answer(original, context, presented, line))
    }

    /// The role is too old for a decision: a look-up comes first, unless one failed a moment ago.
    private func aged(
        _ session: LiveSession, _ original: OriginalRequest, _ context: RequestContext, _ line: DecisionLine?
    ) -> HTTPAnswer {
        switch roles.begin(session.member, unless: { sessions.isOvertaken(session) }) {
        case .underWay(let flight):
            return .later {
                let result = await flight.value
                return checked(result, original, context, line)
            }
        case .overtaken: return .now(checked(.updated, original, context, line))
        case .resting(let result):
            guard settings.members.whenUnavailable == .keep else {
                return .now(unchecked(result, original, context, .live(session), line))
            }
            return .now(answer(original, context, .live(session), line))
        }
    }

    /// The decision after a look-up.
    private func checked(
        _ result: RefreshRoles.Result, _ original: OriginalRequest, _ earlier: RequestContext, _ line: DecisionLine?
    ) -> HTTPResponse {
        let context = earlier.at(clock.unixSeconds())
        let presented = sessions.presented(in: context.request, now: context.now)
        if let session = presented.live, context.now - session.roleCheckedAt >= settings.members.maximumAge,
            settings.members.whenUnavailable == .refuse
        {
            return unchecked(result, original, context, presented, line)
        }
        return answer(original, context, presented, line)
    }

    /// Without an installation token another try cannot help, but a new login does.
    private func unchecked(
        _ result: RefreshRoles.Result, _ original: OriginalRequest, _ context: RequestContext,
        _ presented: PresentedSession, _ line: DecisionLine?
    ) -> HTTPResponse {
        line?.note(original, presented.live)
        if result == .noToken { return signIn(original, context, presented, line) }
        count(.unchecked, line)
        return JSONReply.error(
            .serviceUnavailable, "role_unchecked", "Your role could not be checked. Try again in a moment.", context.id)
    }

    private func answer(
        _ original: OriginalRequest, _ context: RequestContext, _ presented: PresentedSession, _ line: DecisionLine?
    ) -> HTTPResponse {
        let session = presented.live
        let decision = settings.rules.decide(original, role: session?.role)
        line?.note(original, session, rule: decision.rule)
        switch decision.permission {
        case .allow: return allow(session, decision, to: decision.app ?? original.hostBytes, now: context.now, line)
        case .signIn: return signIn(original, context, presented, line)
        case .forbid:
            count(.forbidden, line)
            log.record(
                .decisionForbidden, context.id,
                [
                    "rule": decision.rule, "reading": decision.reading.joined(separator: ", "),
                    "user": session?.member.userID ?? "", "session": session?.id.text ?? "",
                ])
            let refusal = JSONReply.error(.forbidden, "forbidden", "Your role does not permit this.", context.id)
            guard Navigation.isForPerson(context.request.headers), original.isRead || original.isForm else {
                return refusal
            }
            return pages.response(.notPermitted, or: refusal, dialect, context)
        }
    }

    private func count(_ outcome: DecisionLine.Outcome, _ line: DecisionLine?) {
        outcomes.count(outcome.rawValue)
        line?.note(outcome)
    }

    private func allow(
        _ session: LiveSession?, _ decision: RuleTable.Decision, to app: ArraySlice<UInt8>, now: Int64,
        _ line: DecisionLine?
    ) -> HTTPResponse {
        guard let session else {
            count(.anonymous, line)
            return anonymous
        }
        count(.allowed, line)
        var response = allowed.response(dialect.allowed, for: session, to: app, now: now)
        // A cache may store a response that is allowed for anyone, and would send the cookie to other clients.
        if decision.needsSession, let renewed = sessions.renewal(of: session, now: now) {
            response.headers.append("Set-Cookie", renewed)
        }
        return response
    }

    private func signIn(
        _ original: OriginalRequest, _ context: RequestContext, _ presented: PresentedSession, _ line: DecisionLine?
    ) -> HTTPResponse {
        count(.signIn, line)
        return signInResponses.response(to: original, context, presented)
    }

    private func refused(
        _ outcome: DecisionLine.Outcome, _ code: String, _ message: String, _ context: RequestContext,
        _ line: DecisionLine?
    ) -> HTTPResponse {
        count(outcome, line)
        let client = ClientAddress.of(context.request, behind: settings.trustedProxies)
        log.record(.decisionMalformed, context.id, ["reason": code, "client": client.description])
        return JSONReply.error(dialect.refusal, code, message, context.id)
    }
}

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

    init(
        _ dialect: ProxyDialect, _ settings: DecisionSettings, sessions: SessionKeeper, roles: RefreshRoles,
        allowed: AllowedResponses, _ observability: Observability
    ) {
        self.dialect = dialect
        self.settings = settings
        hosts = KnownHosts(settings)
        self.sessions = sessions
        self.roles = roles
        self.allowed = allowed
        anonymous = allowed.anonymous(dialect.allowed)
        signInResponses = SignInResponses(dialect, settings)
        log = observability.log
        clock = observability.clock
        let metrics = observability.metrics
        outcomes = metrics.counter(
            "decisions_total", "Decisions by outcome.", label: "outcome",
            values: Decided.Outcome.allCases.map(\.rawValue))
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
        switch decide(context) {
        case .now(let decided): return .now(finish(decided, context, began))
        case .later(let work): return .later { finish(await work(), context, began) }
        }
    }

    /// Counts the decision, and logs it if it is in the sample.
    private func finish(_ decided: Decided, _ context: RequestContext, _ began: UInt64) -> HTTPResponse {
        let nanoseconds = clock.nanoseconds() - began
        duration.record(nanoseconds)
        outcomes.count(decided.outcome.rawValue)
        if settings.sampling.contains(context.id) {
            let client = ClientAddress.of(context.request, behind: settings.trustedProxies)
            log.record(.decision, context.id, decided.fields(dialect, client, nanoseconds: nanoseconds))
        }
        return decided.response
    }

    private enum Answer {
        case now(Decided)
        case later(@Sendable () async -> Decided)
    }

    private func decide(_ context: RequestContext) -> Answer {
        guard settings.trustedProxies.contain(context.request.peer) else {
            return .now(
                refused(
                    .untrusted, "untrusted_peer", "This address answers only to the proxies it trusts.", context))
        }
        let original: OriginalRequest
        do throws(OriginalRequest.Refusal) {
            original = try dialect.read(context.request)
            guard hosts.contains(original.hostBytes) else { throw .unknownHost }
        } catch {
            return .now(
                refused(
                    .malformed, error.reason, "The original request is missing or could be read twice.", context))
        }
        return answer(original, context)
    }

    private func answer(_ original: OriginalRequest, _ context: RequestContext) -> Answer {
        let presented = sessions.presented(in: context.request, now: context.now)
        guard let session = presented.live else { return .now(answer(original, context, presented)) }
        let age = context.now - session.roleCheckedAt
        if age >= settings.members.maximumAge {
            // A path that is allowed for anyone does not depend on the role.
            let anonymous = settings.rules.decide(original, role: nil)
            guard anonymous.permission == .allow else { return aged(session, original, context) }
        } else if age >= settings.members.refresh {
            roles.begin(session.member) { sessions.isOvertaken(session) }
        }
        return .now(answer(original, context, presented))
    }

    /// The role is too old for a decision: a look-up comes first, unless one failed a moment ago.
    private func aged(_ session: LiveSession, _ original: OriginalRequest, _ context: RequestContext) -> Answer {
        switch roles.begin(session.member, unless: { sessions.isOvertaken(session) }) {
        case .underWay(let flight):
            return .later {
                let result = await flight.value
                return checked(result, original, context)
            }
        case .overtaken: return .now(checked(.updated, original, context))
        case .resting(let result):
            guard settings.members.whenUnavailable == .keep else {
                return .now(unchecked(result, original, context, .live(session)))
            }
            return .now(answer(original, context, .live(session)))
        }
    }

    /// The decision after a look-up.
    private func checked(
        _ result: RefreshRoles.Result, _ original: OriginalRequest, _ earlier: RequestContext
    ) -> Decided {
        let context = earlier.at(clock.unixSeconds())
        let presented = sessions.presented(in: context.request, now: context.now)
        if let session = presented.live, context.now - session.roleCheckedAt >= settings.members.maximumAge,
            settings.members.whenUnavailable == .refuse
        {
            return unchecked(result, original, context, presented)
        }
        return answer(original, context, presented)
    }

    /// Without an installation token another try cannot help, but a new login does.
    private func unchecked(
        _ result: RefreshRoles.Result, _ original: OriginalRequest, _ context: RequestContext,
        _ presented: PresentedSession
    ) -> Decided {
        if result == .noToken { return signIn(original, context, presented) }
        let response = JSONReply.error(
            .serviceUnavailable, "role_unchecked", "Your role could not be checked. Try again in a moment.", context.id)
        return Decided(response, .unchecked, facts(context, original, nil, presented.live))
    }

    private func answer(_ original: OriginalRequest, _ context: RequestContext, _ presented: PresentedSession)
        -> Decided
    {
        let session = presented.live
        let decision = settings.rules.decide(original, role: session?.role)
        switch decision.permission {
        case .allow: return allow(session, decision, original, context)
        case .signIn: return signIn(original, context, presented, decision)
        case .forbid:
            log.record(
                .decisionForbidden, context.id,
                [
                    "rule": decision.rule, "reading": decision.reading.joined(separator: ", "),
                    "user": session?.member.userID ?? "", "session": session?.id.text ?? "",
                ])
            let response = JSONReply.error(.forbidden, "forbidden", "Your role does not permit this.", context.id)
            return Decided(response, .forbidden, facts(context, original, decision, session))
        }
    }

    private func allow(
        _ session: LiveSession?, _ decision: RuleTable.Decision, _ original: OriginalRequest, _ context: RequestContext
    ) -> Decided {
        guard let session else { return Decided(anonymous, .anonymous, facts(context, original, decision, nil)) }
        let app = decision.app ?? original.hostBytes
        var response = allowed.response(dialect.allowed, for: session, to: app, now: context.now)
        // A cache may store a response that is allowed for anyone, and would send the cookie to other clients.
        if decision.needsSession, let renewed = sessions.renewal(of: session, now: context.now) {
            response.headers.append("Set-Cookie", renewed)
        }
        return Decided(response, .allowed, facts(context, original, decision, session))
    }

    private func signIn(
        _ original: OriginalRequest, _ context: RequestContext, _ presented: PresentedSession,
        _ decision: RuleTable.Decision? = nil
    ) -> Decided {
        let response = signInResponses.response(to: original, context.request.headers, presented)
        return Decided(response, .signIn, facts(context, original, decision, nil))
    }

    private func facts(
        _ context: RequestContext, _ original: OriginalRequest, _ decision: RuleTable.Decision?, _ session: LiveSession?
    ) -> Decided.Facts? {
        guard settings.sampling.contains(context.id) else { return nil }
        return Decided.Facts(original, rule: decision?.rule ?? "", session: session?.id)
    }

    private func refused(_ outcome: Decided.Outcome, _ code: String, _ message: String, _ context: RequestContext)
        -> Decided
    {
        let client = ClientAddress.of(context.request, behind: settings.trustedProxies)
        log.record(.decisionMalformed, context.id, ["reason": code, "client": client.description])
        return Decided(JSONReply.error(dialect.refusal, code, message, context.id), outcome)
    }
}

import HTTP
import Marketplace
import SecretMemory
import Untrusted

/// `GET {oidc_path}/callback`: the issuer's answer to a login that began in this browser. The functions stand in the order of the
/// steps.
struct FinishStandardLogin: Sendable {
    let oidc: OIDCClient
    let redeem: RedeemCode
    let flows: StandardFlowCookies

    private var integration: Integration { redeem.integration }
    private var replies: LoginReplies { redeem.replies }

    var routes: [Route] { Route.navigations(to: oidc.callbackPath, answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let request = context.request
        let answer: StandardAnswer
        do { answer = try StandardAnswer(request.target.query) } catch {
            return .now(replies.failed(FailedLogin(error), context))
        }
        guard let flow = flows.find(answer.state, integration: integration.name, context),
            flow.issuer.utf8.elementsEqual(integration.settings.issuer.utf8)
        else {
            // A finished login that is opened again, as by the browser's back button.
            if let current = replies.sessions.live(in: request, now: context.now),
                current.member.integration == integration.name
            {
                return .now(replies.repeated(LoginCourse(deepLink: answer.deepLink), current, context))
            }
            let unknown = FailedLogin(failure: .unknownState, reason: "state")
            let failure = flows.cookies.hasAny(in: request) ? unknown : .noCookie
            return .now(replies.failed(failure, context))
        }
        let course = LoginCourse(
            flow: answer.flow ?? (flow.startedBy.isEmpty ? nil : flow.startedBy), deepLink: answer.deepLink,
            target: flow.target, isInitiated: true, endOfOwnFlow: flows.end(answer.state))
        return .later { await judge(answer, flow, course, context) }
    }

    /// Which issuer answered comes first, also for an error (RFC 9207 section 2.4).
    private func judge(
        _ answer: StandardAnswer, _ flow: StandardFlowCookies.Flow, _ course: LoginCourse, _ earlier: RequestContext
    ) async -> HTTPResponse {
        let metadata: ProviderMetadata
        do { metadata = try await oidc.metadata.current(now: redeem.clock.unixSeconds()) } catch {
            return replies.failed(FailedLogin(error), earlier.at(redeem.clock.unixSeconds()))
        }
        let context = earlier.at(redeem.clock.unixSeconds())
        if let word = answer.mixUp(issuer: integration.settings.issuer, mustNameIssuer: metadata.answersNameIssuer) {
            return replies.failed(FailedLogin(failure: .wrongIssuer, reason: word), ending: course, context)
        }
        switch answer.outcome {
        case .error(let word):
            return replies.failed(FailedLogin(failure: .providerRefused, reason: word), ending: course, context)
        case .code(let code): return await redeem(code, flow, metadata, course, context)
        }
    }

    /// Each state is used once, and so is each code: a code that came with another state must not be exchanged again.
    private func redeem(
        _ code: SecretBytes, _ flow: StandardFlowCookies.Flow, _ metadata: ProviderMetadata, _ course: LoginCourse,
        _ context: RequestContext
    ) async -> HTTPResponse {
        let (client, reservation): (ClientAddress, AttemptLimiter.Reservation)
        do { (client, reservation) = try redeem.reserve(context) } catch { return replies.failed(error, context) }
        // The control byte keeps states apart from codes, which cannot have one.
        let attempt = RedeemCode.Attempt(
            digest: redeem.ledger.digest(of: SecretBytes("\u{1}state \(flow.state.hexadecimal)")), course: course,
            client: client, reservation: reservation
        ) { [oidc, redeem] () async throws(FailedLogin) -> VerifiedMember in
            // The session belongs to the state. Otherwise the same code at another callback would wait for a result.
            try await redeem.useUp(code, reason: "code_of_other_state")
            return try await redeem.identify(.nonce(flow.nonce.hexadecimal)) {
                () async throws(ExchangeFailure) -> UnverifiedIDToken in
                try await oidc.exchange.exchange(code: code, verifier: CodeVerifier(flow.verifier), at: metadata)
            }
        }
        return await redeem.answer(attempt, context)
    }
}

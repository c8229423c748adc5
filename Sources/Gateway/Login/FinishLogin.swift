import HTTP
import Marketplace

/// `GET /sso/callback`: exchanges the marketplace's one-time code for a session.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#open-in-provider-button-flow>
struct FinishLogin: Sendable {
    let redeem: RedeemCode
    let proxies: TrustedProxies

    private var replies: LoginReplies { redeem.replies }

    /// The marketplace may add or drop the trailing slash.
    var routes: [Route] {
        let path = redeem.integration.settings.callbackPath
        return [path, path + "/"].map { Route(.exactly($0), [.get], answer) }
    }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let request = context.request
        // A prefetcher's HEAD must not spend the code.
        guard request.method == .get else { return .now(HTTPResponse(.noContent, headers: LoginReplies.headers)) }
        if let refusal = Navigation.refusal(of: context) { return .now(refusal) }
        let client = ClientAddress.of(request, behind: proxies)
        let login: LoginRequest
        do { login = try LoginRequest(request.target.query) } catch {
            return .now(replies.failed(FailedLogin(error), LoginCourse(), context))
        }
        // Before the code is exchanged: such a browser would be signed in again and again. A flow that began in another
        // region has no cookie here, and only the token tells which region it is.
        guard redeem.handOver != nil || !replies.isCookieless(login.course, request) else {
            return .now(replies.failed(.noCookie, LoginCourse(), context))
        }
        do throws(AttemptLimiter.Exhausted) {
            let reservation = try redeem.limiter.reserve(client, now: context.now)
            return .later { [redeem] in
                let attempt = RedeemCode.Attempt(
                    digest: redeem.ledger.digest(of: login.code), course: login.course, client: client,
                    reservation: reservation
                ) { [redeem] () async throws(FailedLogin) -> VerifiedMember in
                    try await redeem.identify(Self.binding(redeem.integration)) {
                        () async throws(ExchangeFailure) -> UnverifiedIDToken in
                        try await redeem.integration.exchange.exchange(code: login.code, state: login.state)
                    }
                }
                return await redeem.answer(attempt, context)
            }
        } catch {
            let tooMany = FailedLogin(failure: .tooManyAttempts, reason: "attempts", wait: error.wait)
            return .now(replies.failed(tooMany, login.course, context))
        }
    }

    /// With standard logins, a stolen code of one must not pass as a pushed code, which has neither a nonce nor PKCE.
    private static func binding(_ integration: Integration) -> IDTokenRules.Binding {
        integration.oidc == nil ? .none : .noNonce
    }
}

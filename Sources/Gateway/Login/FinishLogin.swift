import HTTP
import Marketplace

/// `GET /sso/callback`: exchanges the marketplace's one-time code for a session.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#open-in-provider-button-flow>
struct FinishLogin: Sendable {
    let redeem: RedeemCode

    private var replies: LoginReplies { redeem.replies }

    var routes: [Route] { Route.navigations(to: redeem.integration.settings.callbackPath, answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let login: LoginRequest
        do { login = try LoginRequest(context.request.target.query) } catch {
            return .now(replies.failed(FailedLogin(error), context))
        }
        // Before the code is exchanged: such a browser would be signed in again and again. A flow that began in another
        // region has no cookie here, and only the token tells which region it is.
        guard redeem.handOver != nil || !replies.isCookieless(login.course, context.request) else {
            return .now(replies.failed(.noCookie, context))
        }
        let (client, reservation): (ClientAddress, AttemptLimiter.Reservation)
        do { (client, reservation) = try redeem.reserve(context) } catch {
            return .now(replies.failed(error, context))
        }
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
    }

    /// With standard logins, a stolen code of one must not pass as a pushed code, which has neither a nonce nor PKCE.
    private static func binding(_ integration: Integration) -> IDTokenRules.Binding {
        integration.oidc == nil ? .none : .noNonce
    }
}

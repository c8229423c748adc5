import HTTP
import Marketplace

/// `GET /sso/callback`: exchanges the marketplace's one-time code for a session. The functions stand in the order of the
/// steps.
///
/// A class, because every login's task holds it: copying all its parts would change two hundred reference counts.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#open-in-provider-button-flow>
final class FinishLogin: Sendable {
    let integration: Integration
    let ledger: CodeLedger
    let limiter: AttemptLimiter
    let sessions: SessionKeeper
    let admit: AdmitMember
    let replies: LoginReplies
    let proxies: TrustedProxies
    let observer: LoginObserver
    let clock: Clock

    init(
        integration: Integration, ledger: CodeLedger, limiter: AttemptLimiter, sessions: SessionKeeper,
        admit: AdmitMember, replies: LoginReplies, proxies: TrustedProxies, observer: LoginObserver
    ) {
        self.integration = integration
        self.ledger = ledger
        self.limiter = limiter
        self.sessions = sessions
        self.admit = admit
        self.replies = replies
        self.proxies = proxies
        self.observer = observer
        clock = observer.observability.clock
    }

    /// The marketplace may add or drop the trailing slash.
    var routes: [Route] {
        let path = integration.settings.callbackPath
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
            return .now(replies.failed(FailedLogin(error), flow: nil, context))
        }
        // Before the code is exchanged: such a browser would be signed in again and again.
        guard !replies.isCookieless(login, request) else {
            let blocked = FailedLogin(failure: .cookiesBlocked, reason: "no_cookie")
            return .now(replies.failed(blocked, flow: nil, context))
        }
        do throws(AttemptLimiter.Exhausted) {
            let attempt = try limiter.reserve(client, now: context.now)
            return .later { [self] in await enter(login, context, client, attempt) }
        } catch {
            let tooMany = FailedLogin(failure: .tooManyAttempts, reason: "attempts", wait: error.wait)
            return .now(replies.failed(tooMany, flow: login.flow, context))
        }
    }

    /// Only the first request with a code exchanges it. Later ones wait for its result.
    private func enter(
        _ login: LoginRequest, _ earlier: RequestContext, _ client: ClientAddress,
        _ attempt: AttemptLimiter.Reservation
    ) async -> HTTPResponse {
        // Without keys no token can be verified. The code is not spent, so that the person can try again.
        do { _ = try await integration.keys.current(for: .exchange, now: clock.unixSeconds()) } catch {
            limiter.giveBack(attempt)
            let noKeys = FailedLogin(.keysUnavailable(error))
            return replies.failed(noKeys, flow: login.flow, earlier.at(clock.unixSeconds()))
        }
        let digest = ledger.digest(of: login.code)
        let entry = await ledger.enterAwaitingResult(digest, from: client, clock: clock)
        // This request tries no code.
        if entry != .first { limiter.giveBack(attempt) }
        let context = earlier.at(clock.unixSeconds())
        switch entry {
        case .first: return await exchange(login, digest, context, attempt)
        case .usedFor(let session):
            guard let current = sessions.live(in: context.request, now: context.now), current.id == session else {
                return replies.spent(login, context)
            }
            return replies.repeated(login, current, context)
        case .spent, .unfinished: return replies.spent(login, context)
        case .shareIsFull(let wait):
            let tooMany = FailedLogin(failure: .tooManyAttempts, reason: "ledger_share", wait: wait)
            return replies.failed(tooMany, flow: login.flow, context)
        case .full:
            let full = FailedLogin(failure: .ledgerUnavailable, reason: "ledger")
            return replies.failed(full, flow: login.flow, context)
        case .storeUnavailable(let error):
            return replies.failed(FailedLogin(error), flow: login.flow, context)
        }
    }

    private func exchange(
        _ login: LoginRequest, _ digest: CodeDigest, _ earlier: RequestContext,
        _ attempt: AttemptLimiter.Reservation
    ) async -> HTTPResponse {
        do {
            let token = try await identify(login)
            let admitted = try await admit.member(token, earlier.id)
            let session = Session(
                id: SessionID(observer.observability.random), integration: integration.name, token: token,
                role: admitted.role, now: admitted.roleCheckedAt,
                issuedAt: admitted.issuedAt, lifetimes: sessions.lifetimes)
            let context = earlier.at(clock.unixSeconds())
            let response = try await replies.identified(login, digest, session, context, ledger: ledger)
            limiter.giveBack(attempt)
            return response
        } catch {
            // The attempt stays counted, unless the code was never sent.
            if error.codeNeverLeft { limiter.giveBack(attempt) }
            await ledger.complete(digest, with: nil)
            return replies.failed(error, flow: login.flow, earlier.at(clock.unixSeconds()))
        }
    }

    /// Exchanges the code for a token, once, and verifies the token.
    private func identify(_ login: LoginRequest) async throws(FailedLogin) -> IDToken {
        let began = clock.nanoseconds()
        defer { observer.exchangeDuration.record(clock.nanoseconds() - began) }
        let unverified: UnverifiedIDToken
        do {
            unverified = try await integration.exchange.exchange(code: login.code, state: login.state)
        } catch {
            throw FailedLogin(error)
        }
        do {
            return try await integration.verifier.verify(unverified, now: clock.unixSeconds())
        } catch {
            throw FailedLogin(error)
        }
    }
}

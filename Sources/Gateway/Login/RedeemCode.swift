import HTTP
import Marketplace
import SecretMemory

/// Signs a member in with what a callback brought, which exactly one of any number of equal requests may use. The functions
/// stand in the order of the steps.
///
/// A class, because every login's task holds it: copying all its parts would change two hundred reference counts.
final class RedeemCode: Sendable {
    /// One request at a callback.
    struct Attempt: Sendable {
        /// Of what one request may use: the code, or a standard login's state.
        let digest: CodeDigest
        let course: LoginCourse
        let client: ClientAddress
        let reservation: AttemptLimiter.Reservation
        /// Whether another region verified the token.
        var isHandedOver = false
        /// Exchanges the code for a token and verifies it. Called at most once.
        let identify: @Sendable () async throws(FailedLogin) -> VerifiedMember
    }

    let integration: Integration
    let ledger: CodeLedger
    let limiter: AttemptLimiter
    let sessions: SessionKeeper
    let admit: AdmitMember
    let replies: LoginReplies
    /// Nil without regions.
    let handOver: HandOver?
    let observer: LoginObserver
    let clock: Clock
    private let proxies: TrustedProxies

    init(
        integration: Integration, ledger: CodeLedger, limiter: AttemptLimiter, sessions: SessionKeeper,
        admit: AdmitMember, replies: LoginReplies, handOver: HandOver?, observer: LoginObserver, proxies: TrustedProxies
    ) {
        self.integration = integration
        self.ledger = ledger
        self.limiter = limiter
        self.sessions = sessions
        self.admit = admit
        self.replies = replies
        self.handOver = handOver
        self.proxies = proxies
        self.observer = observer
        clock = observer.observability.clock
    }

    /// Reserves an attempt for the request's client.
    func reserve(_ context: RequestContext) throws(FailedLogin) -> (ClientAddress, AttemptLimiter.Reservation) {
        let client = ClientAddress.of(context.request, behind: proxies)
        do { return (client, try limiter.reserve(client, now: context.now)) } catch {
            throw FailedLogin(failure: .tooManyAttempts, reason: "attempts", wait: error.wait)
        }
    }

    /// Only the first request exchanges the code. Later ones wait for its result.
    func answer(_ attempt: Attempt, _ earlier: RequestContext) async -> HTTPResponse {
        // Without keys no token can be verified. The code is not spent, so that the person can try again.
        do {
            if !attempt.isHandedOver {
                _ = try await integration.keys.current(for: .exchange, now: clock.unixSeconds())
            }
        } catch {
            limiter.giveBack(attempt.reservation)
            let noKeys = FailedLogin(.keysUnavailable(error))
            return replies.failed(noKeys, earlier.at(clock.unixSeconds()))
        }
        let entry = await ledger.enterAwaitingResult(attempt.digest, from: attempt.client, clock: clock)
        // This request tries no code.
        if entry != .first { limiter.giveBack(attempt.reservation) }
        let context = earlier.at(clock.unixSeconds())
        switch entry {
        case .first: return await exchange(attempt, context)
        case .usedFor(let session):
            guard let current = sessions.live(in: context.request, now: context.now), current.id == session else {
                return replies.spent(attempt.course, context)
            }
            return replies.repeated(attempt.course, current, context)
        case .spent, .unfinished: return replies.spent(attempt.course, context)
        case .shareIsFull(let wait):
            let tooMany = FailedLogin(failure: .tooManyAttempts, reason: "ledger_share", wait: wait)
            return replies.failed(tooMany, context)
        case .full:
            let full = FailedLogin(failure: .ledgerUnavailable, reason: "ledger")
            return replies.failed(full, context)
        case .storeUnavailable(let error):
            return replies.failed(FailedLogin(error), context)
        }
    }

    private func exchange(_ attempt: Attempt, _ earlier: RequestContext) async -> HTTPResponse {
        do {
            let verified = try await attempt.identify()
            if let away = try await handOver(verified, attempt, earlier) { return away }
            let admitted = try await admit.member(
                verified, age: attempt.isHandedOver ? HandOver.longest : 0, earlier.id)
            let session = Session(
                id: SessionID(observer.observability.random), verified, role: admitted.role,
                now: admitted.roleCheckedAt, issuedAt: admitted.issuedAt, lifetimes: sessions.lifetimes)
            let context = earlier.at(clock.unixSeconds())
            let response = try await replies.identified(
                attempt.course, attempt.digest, session, context, ledger: ledger)
            limiter.giveBack(attempt.reservation)
            return response
        } catch {
            // The attempt stays counted, unless the code was never sent.
            if error.codeNeverLeft { limiter.giveBack(attempt.reservation) }
            ledger.complete(attempt.digest, with: nil)
            return replies.failed(error, ending: attempt.course, earlier.at(clock.unixSeconds()))
        }
    }

    /// Nil where the installation is at home here.
    private func handOver(_ member: VerifiedMember, _ attempt: Attempt, _ earlier: RequestContext)
        async throws(FailedLogin) -> HTTPResponse?
    {
        guard let handOver, !attempt.isHandedOver else { return nil }
        let home: RegionSettings.Region?
        do { home = try await handOver.home(of: member.key.installation) } catch {
            // The code was good, and the person not to blame.
            limiter.giveBack(attempt.reservation)
            throw error
        }
        guard let home else {
            guard !replies.isCookieless(attempt.course, earlier.request) else { throw .noCookie }
            return nil
        }
        let member = try await admit.passing(member)
        limiter.giveBack(attempt.reservation)
        ledger.complete(attempt.digest, with: nil)
        return replies.handedOver(member, to: home, by: handOver, attempt.course, earlier.at(clock.unixSeconds()))
    }

    /// The member of the verified token that `exchange` brings.
    func identify(
        _ binding: IDTokenRules.Binding, _ exchange: () async throws(ExchangeFailure) -> UnverifiedIDToken
    ) async throws(FailedLogin) -> VerifiedMember {
        let began = clock.nanoseconds()
        defer { observer.exchangeDuration.record(clock.nanoseconds() - began) }
        let unverified: UnverifiedIDToken
        do { unverified = try await exchange() } catch { throw FailedLogin(error) }
        do {
            let token = try await integration.verifier.verify(unverified, binding, now: clock.unixSeconds())
            return VerifiedMember(token, integration: integration.name)
        } catch {
            throw FailedLogin(error)
        }
    }

    /// Enters what must be used once, beside the attempt's own digest.
    func useUp(_ value: SecretBytes, reason: String) async throws(FailedLogin) {
        let digest = ledger.digest(of: value)
        try await ledger.useUp(digest, reason: reason, now: clock.unixSeconds())
        ledger.complete(digest, with: nil)
    }
}

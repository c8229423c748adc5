import Marketplace

/// The issue time of a session and the time of a revocation.
///
/// A revocation ends every session of its scope that was issued until its time, and none issued later. Both times come
/// from wall clocks, which can be wrong: set an hour ahead and back again, two minutes apart in two processes, or in the
/// same second. Four rules keep the real order:
///
/// 1. A session's issue time is later than every known revocation that applies to it, if need be ahead of the clock. So a
///    login need not wait for the next second, and is valid whatever the clock said when the revocation was made.
/// 2. A session issued or renewed more than `skew` ahead of the clock is refused: a clock was wrong then, and no
///    revocation since can have covered it. The one exception is an issue time that rule 1 explains.
/// 3. A revocation that is made here and now reaches `skew` ahead of the clock, and beyond the latest revocation that is
///    known, of any scope: that covers every session that rule 2 accepts. Later logins follow rule 1. The answer to a look-up
///    does the same from the time of its request.
/// 4. A late webhook keeps its own time, because what happened since is newer, but covers the sessions that rule 1 put ahead
///    of the clock.
///
/// *Several processes* with one store learn of a revocation within a second. A process reads the store's changes before it
/// makes one. A revocation that another process commits between these two steps misses only sessions that are issued while
/// its own call is still under way. Within that second a process may refuse a session that another one issued under rule 1;
/// it never accepts a revoked one. *After a restart* revocations are read from the store before the first listener opens.
/// Each is kept until every session it covers has expired, so rule 2's exception holds as long as it is needed. A store in
/// memory loses them: sessions that were issued ahead of the clock are then refused, and their owners sign in again.
extension LiveStore {
    /// The largest difference of two clocks that is allowed for: two minutes, and what the steps between them take. In seconds.
    static let skew: Int64 = 150

    /// Revocations made here and now. `now` in seconds since 1970.
    func revocations(of scopes: [Revocation.Scope], now: Int64, lifetimes: SessionLifetimes)
        async throws(StoreError) -> [Revocation]
    {
        if isShared { try await load() }
        let upTo = index.revocationTime(now: now)
        return scopes.map { .of($0, now: upTo, lifetimes: lifetimes) }
    }

    /// The revocation of a late webhook. `upTo` and `now` in seconds since 1970.
    func lateRevocation(of scope: Revocation.Scope, upTo: Int64, now: Int64, lifetimes: SessionLifetimes)
        async throws(StoreError) -> Revocation
    {
        if isShared { try await load() }
        let known = if case .member(let member) = scope { index.revokedUpTo(member) } else { index.latestRevocation }
        // What a later revocation put ahead of the clock is newer.
        let reach = max(upTo, min(known, upTo.addingSaturated(Self.skew)).addingSaturated(1))
        return Revocation(scope: scope, issuedUpTo: reach, until: max(now, reach).addingSaturated(lifetimes.absolute))
    }
}

extension LiveIndex {
    /// The issue time of a new session of the member. `now` and the result in seconds since 1970.
    func issueTime(for member: MemberKey, now: Int64) -> Int64 { max(now, revokedUpTo(member).addingSaturated(1)) }

    /// The time of a revocation made at `now`: it covers all sessions that are accepted then.
    func revocationTime(now: Int64) -> Int64 {
        max(now.addingSaturated(LiveStore.skew), latestRevocation.addingSaturated(1))
    }

    /// Whether a clock that is right within `LiveStore.skew` can have issued and renewed the session.
    func isPlausible(_ session: Session, now: Int64) -> Bool {
        let latest = now + LiveStore.skew
        guard session.lastRenewed <= latest else { return false }
        return session.issuedAt <= latest || session.issuedAt <= revokedUpTo(session.member).addingSaturated(1)
    }
}

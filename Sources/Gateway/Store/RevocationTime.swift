import Marketplace

/// When a session counts as issued and up to when a revocation reaches.
///
/// A revocation ends every session of its scope that was issued until its time, and none issued later. Both times come
/// from wall clocks, which go wrong: set an hour ahead and back again, half a minute apart in two processes, or in the
/// same second. Four rules keep the order that things really had:
///
/// 1. A session is issued later than every revocation that applies to it and is known, if need be ahead of the clock.
///    Nobody waits for a second to pass, and a login behind a revocation holds whatever the clock said when that was made.
/// 2. A session issued or renewed more than `skew` ahead of the clock is refused: a clock was wrong then, and no
///    revocation since can have covered it. The one exception is an issue time that rule 1 explains.
/// 3. A revocation that is made here and now reaches `skew` ahead of the clock, and beyond the latest revocation that is
///    known, of any scope: that covers every session that rule 2 lets pass. Those who sign in afterwards follow rule 1.
/// 4. A webhook that comes late keeps its own time, and the answer to a look-up the time of the request: what happened
///    since is newer. The look-up still reaches beyond the revocations that were known when it was sent.
///
/// *Several processes* with one store learn of a revocation within a second. One that is about to make one first catches
/// up with the store. A revocation that another process commits in the moment between can be overtaken only by a session
/// that is issued while the call that revokes is still under way. For the same second a process that has not caught up may
/// refuse a session issued elsewhere under rule 1; it never lets a revoked one pass. *After a restart* the store brings
/// revocations back before the first listener opens, and a revocation is kept until every session it covers has expired,
/// so rule 2's exception holds as long as it is needed. A store in memory forgets: sessions that were issued ahead of the
/// clock are refused then, and their owners sign in again.
extension LiveStore {
    /// How far clocks may be wrong. In seconds.
    static let skew: Int64 = 60

    /// Revocations made here and now. `now` in seconds since 1970.
    func revocations(of scopes: [Revocation.Scope], now: Int64, lifetimes: SessionLifetimes)
        async throws(StoreError) -> [Revocation]
    {
        if isShared { try await load() }
        let upTo = index.revocationTime(now: now.addingSaturated(Self.skew))
        return scopes.map { .of($0, now: upTo, lifetimes: lifetimes) }
    }
}

extension LiveIndex {
    /// When a new session of the member counts as issued. `now` and the result in seconds since 1970.
    func issueTime(for member: MemberKey, now: Int64) -> Int64 { max(now, revokedUpTo(member).addingSaturated(1)) }

    /// Up to when a revocation at `now` reaches, so that it covers what was issued behind those that are known.
    func revocationTime(now: Int64) -> Int64 { max(now, latestRevocation.addingSaturated(1)) }

    /// Whether the session can have been issued and renewed by a clock that is right within `LiveStore.skew`.
    func isPlausible(_ session: Session, now: Int64) -> Bool {
        let latest = now + LiveStore.skew
        guard session.lastRenewed <= latest else { return false }
        return session.issuedAt <= latest || session.issuedAt <= revokedUpTo(session.member).addingSaturated(1)
    }
}

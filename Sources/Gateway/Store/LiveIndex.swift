import Locking
package import Marketplace
import Synchronization

/// What decisions know of revocations and members: in memory, as long as sessions live, followed from the store.
///
/// In 64 parts with a lock each: a look-up holds one of them for some nanoseconds and takes no memory.
package final class LiveIndex: Sendable {
    /// What is known of a session beyond its cookie.
    package enum Standing: Sendable, Equatable {
        case revoked
        /// Nothing newer than the cookie.
        case asIssued
        /// The role that the marketplace gave last, and when it was asked or told us. In seconds since 1970.
        case role(MemberRole, checkedAt: Int64)
    }

    private let parts = (0..<64).map { _ in Locked(IndexTable()) }
    private let isUsed = Atomic<Bool>(false)
    /// Every session issued until then is over.
    private let everythingUpTo = Atomic<Int64>(.min)
    /// Of any scope but a single session.
    private let latest = Atomic<Int64>(.min)
    private let lifetimes: SessionLifetimes

    package init(lifetimes: SessionLifetimes) { self.lifetimes = lifetimes }

    package func standing(of session: Session) -> Standing {
        if session.issuedAt <= everythingUpTo.load(ordering: .acquiring) { return .revoked }
        guard isUsed.load(ordering: .acquiring) else { return .asIssued }
        let issued = UInt32(clamping: max(session.issuedAt, 1))
        let keys = IndexKey.of(session.member)
        let member = find(keys.member)
        if (member?.revokedUpTo ?? 0) >= issued || find(IndexKey(session.id)) != nil
            || (find(keys.installation)?.revokedUpTo ?? 0) >= issued
        {
            return .revoked
        }
        guard let member, Int64(member.checkedAt) >= session.roleCheckedAt, let role = member.role.known else {
            return .asIssued
        }
        return .role(role, checkedAt: Int64(member.checkedAt))
    }

    /// The latest time up to which any sessions are over; a time before all others where none are. In seconds since 1970.
    var latestRevocation: Int64 { latest.load(ordering: .acquiring) }

    /// Sessions of the member that were issued until then are over, whoever ended them; a time before all others where
    /// nobody has. In seconds since 1970.
    func revokedUpTo(_ member: MemberKey) -> Int64 {
        let everything = everythingUpTo.load(ordering: .acquiring)
        guard isUsed.load(ordering: .acquiring) else { return everything }
        let keys = IndexKey.of(member)
        let entries = [find(keys.member), find(keys.installation)].compactMap { $0?.revokedUpTo }
        return entries.reduce(everything) { max($0, $1 == 0 ? .min : Int64($1)) }
    }

    /// The newest role that is known beside sessions.
    func role(of member: MemberKey) -> MemberRole? { find(IndexKey(member))?.role.known }

    /// Takes in a record of the store. Older records than what is known change nothing, so it does not matter who
    /// comes first when a change is both written here and followed. `now` in seconds since 1970; `uptime` by a clock that
    /// never steps, in seconds.
    package func apply(_ change: StoreChange, now: Int64, uptime: Int64) {
        switch change.record {
        case .installation: break
        case .member(let state): apply(state, change.number, now: now, uptime: uptime)
        case .revocation(let revocation): apply(revocation, now: now, uptime: uptime)
        }
    }

    /// Lets go of what is over, a part at a time. `uptime` as for `apply`.
    package func sweep(uptime: Int64) {
        for part in parts { part.withLock { $0.sweep(now: UInt32(clamping: uptime)) } }
    }

    package var count: Int { parts.reduce(0) { $0 + $1.withLock { $0.count } } }
    /// Memory of the tables.
    package var bytes: Int { parts.reduce(0) { $0 + $1.withLock { $0.bytes } } }

    private func apply(_ state: MemberState, _ number: Int64, now: Int64, uptime: Int64) {
        let until = state.checkedAt.addingSaturated(lifetimes.absolute)
        update(IndexKey(state.member), for: until.addingSaturated(-now), uptime: uptime) { entry in
            guard number >= entry.change else { return }
            entry.change = number
            entry.checkedAt = UInt32(clamping: state.checkedAt)
            switch state.role {
            case .admin: entry.role = .admin
            case .user: entry.role = .user
            case nil:
                latest.max(state.checkedAt, ordering: .acquiringAndReleasing)
                entry.role = .unknown
                entry.revokedUpTo = max(entry.revokedUpTo, UInt32(clamping: state.checkedAt))
            }
        }
    }

    private func apply(_ revocation: Revocation, now: Int64, uptime: Int64) {
        if case .session = revocation.scope {
        } else {
            latest.max(revocation.issuedUpTo, ordering: .acquiringAndReleasing)
        }
        let upTo = UInt32(clamping: revocation.issuedUpTo)
        let key: IndexKey
        switch revocation.scope {
        case .everything:
            everythingUpTo.max(revocation.issuedUpTo, ordering: .acquiringAndReleasing)
            return
        case .session(let id): key = IndexKey(id)
        case .member(let member): key = IndexKey(member)
        case .installation(let installation): key = IndexKey(installation)
        }
        update(key, for: revocation.until.addingSaturated(-now), uptime: uptime) {
            $0.revokedUpTo = max($0.revokedUpTo, upTo)
        }
    }

    private func part(_ key: IndexKey) -> Locked<IndexTable> { parts[Int(key.low >> 58)] }

    private func find(_ key: IndexKey) -> IndexTable.Entry? { part(key).withLock { $0.find(key) } }

    /// Keeps what is known for so many `seconds`, but never less than a session lives from now on: the wall clock that
    /// says when it is over may be ahead, and once it is set right the sessions are good again.
    private func update(
        _ key: IndexKey, for seconds: Int64, uptime: Int64, _ change: (inout IndexTable.Entry) -> Void
    ) {
        let until = uptime.addingSaturated(max(seconds, lifetimes.absolute))
        part(key).withLock {
            $0.update(key, until: UInt32(clamping: until), now: UInt32(clamping: uptime), change)
        }
        isUsed.store(true, ordering: .releasing)
    }
}

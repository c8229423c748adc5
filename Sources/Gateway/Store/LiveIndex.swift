import Locking
package import Marketplace
import Synchronization

/// Revocations and members' roles as decisions need them: in memory, filled from the store, and kept for as long as sessions
/// live.
///
/// In parts with a lock each, so that forgetting expired entries never delays all decisions.
package final class LiveIndex: Sendable {
    /// What is known of a session beyond its cookie.
    package enum Standing: Sendable, Equatable {
        case revoked
        /// Nothing newer than the cookie.
        case asIssued
        /// The newest role, and when it was looked up or reported. In seconds since 1970.
        case role(MemberRole, checkedAt: Int64)
    }

    /// What is known of a member or an installation. Times in seconds since 1970.
    private struct Entry: Sendable {
        /// Sessions issued until then are revoked.
        var revokedUpTo = Int64.min
        /// Always nil for an installation, as for a member of whom only a revocation is known.
        var role: MemberRole?
        var checkedAt = Int64.min
        /// The number of the store's change that `role` came with.
        var change = Int64.min
        /// When the entry may be forgotten. In seconds of `uptime`.
        var until = Int64.min

        mutating func extend(_ until: Int64) { self.until = Swift.max(self.until, until) }
    }

    private struct Part: Sendable {
        /// Revoked sessions with the `uptime` at which each may be forgotten.
        var sessions: [SessionID: Int64] = [:]
        var members: [MemberKey: Entry] = [:]
        var installations: [InstallationKey: Entry] = [:]
    }

    private let parts = (0..<64).map { _ in Locked(Part()) }
    /// Every session issued until then is revoked.
    private let everythingUpTo = Atomic<Int64>(.min)
    /// The latest revocation of any scope but a single session.
    private let latest = Atomic<Int64>(.min)
    private let lifetimes: SessionLifetimes

    package init(lifetimes: SessionLifetimes) { self.lifetimes = lifetimes }

    package func standing(of session: Session) -> Standing {
        if session.issuedAt <= everythingUpTo.load(ordering: .acquiring) { return .revoked }
        let (id, installation) = (session.id, session.member.installation)
        let member = entry(of: session.member)
        if (member?.revokedUpTo ?? .min) >= session.issuedAt
            || part(id).withLock({ $0.sessions[id] }) != nil
            || (entry(of: installation)?.revokedUpTo ?? .min) >= session.issuedAt
        {
            return .revoked
        }
        guard let member, let role = member.role else { return .asIssued }
        // Clocks differ, so a lower role that seems a little older counts too.
        let isLower = role == .user && session.role == .admin
        let newest = isLower ? member.checkedAt.addingSaturated(LiveStore.skew) : member.checkedAt
        return newest >= session.roleCheckedAt ? .role(role, checkedAt: member.checkedAt) : .asIssued
    }

    /// The latest time up to which any sessions are revoked; `.min` where none are. In seconds since 1970.
    var latestRevocation: Int64 { latest.load(ordering: .acquiring) }

    /// Sessions of the member that were issued until then are revoked by some scope; `.min` where none are. In seconds since
    /// 1970.
    func revokedUpTo(_ member: MemberKey) -> Int64 {
        max(
            everythingUpTo.load(ordering: .acquiring), entry(of: member)?.revokedUpTo ?? .min,
            entry(of: member.installation)?.revokedUpTo ?? .min)
    }

    /// Whether the newest report says that the member was removed.
    func isRemoved(_ member: MemberKey) -> Bool {
        guard let entry = entry(of: member) else { return false }
        return entry.change > .min && entry.role == nil
    }

    /// Whether sessions of the installation as a whole have been revoked, as at its removal.
    func isRevoked(_ installation: InstallationKey) -> Bool { (entry(of: installation)?.revokedUpTo ?? .min) > .min }

    /// The newest role that is known beside sessions.
    func role(of member: MemberKey) -> MemberRole? { entry(of: member)?.role }

    /// Takes in a record of the store. An older record than what is known changes nothing, because a change that is written
    /// here also comes back when the store is followed. `now` in seconds since 1970; `uptime` in seconds of a clock that
    /// never steps.
    package func apply(_ change: StoreChange, now: Int64, uptime: Int64) {
        switch change.record {
        case .installation: break
        case .member(let state):
            let expiry = state.checkedAt.addingSaturated(lifetimes.absolute)
            apply(state, number: change.number, until: deadline(expiry, now: now, uptime: uptime))
        case .revocation(let revocation):
            apply(revocation, until: deadline(revocation.until, now: now, uptime: uptime))
        }
    }

    /// Forgets expired entries, one part after the other. `uptime` as for `apply`.
    package func sweep(uptime: Int64) {
        for part in parts {
            part.withLock { part in
                part.sessions.keep { $0 > uptime }
                part.members.keep { $0.until > uptime }
                part.installations.keep { $0.until > uptime }
            }
        }
    }

    /// The store numbers its changes anew: the next one about a member counts, whatever its number is. Revocations stay.
    func forgetOrder() {
        for part in parts {
            part.withLock { part in
                for (member, entry) in part.members where entry.change > 0 { part.members[member]?.change = 0 }
            }
        }
    }

    /// For tests of `sweep`.
    var count: Int {
        parts.reduce(0) { $0 + $1.withLock { $0.sessions.count + $0.members.count + $0.installations.count } }
    }

    /// The `uptime` when an entry that expires at `expiry` may be forgotten. Never earlier than a new session expires: the wall clock may
    /// be ahead, and once it is set right, sessions that it made look expired are valid again.
    private func deadline(_ expiry: Int64, now: Int64, uptime: Int64) -> Int64 {
        uptime.addingSaturated(max(expiry.addingSaturated(-now), lifetimes.absolute))
    }

    private func apply(_ state: MemberState, number: Int64, until: Int64) {
        if state.role == nil { latest.max(state.checkedAt, ordering: .acquiringAndReleasing) }
        update(state.member, until: until) { entry in
            guard number >= entry.change else { return }
            entry.change = number
            entry.checkedAt = state.checkedAt
            entry.role = state.role
            if state.role == nil { entry.revokedUpTo = max(entry.revokedUpTo, state.checkedAt) }
        }
    }

    private func apply(_ revocation: Revocation, until: Int64) {
        func revoke(_ entry: inout Entry) { entry.revokedUpTo = max(entry.revokedUpTo, revocation.issuedUpTo) }
        if case .session(let id) = revocation.scope {
            return part(id).withLock { $0.sessions[id] = max($0.sessions[id] ?? until, until) }
        }
        latest.max(revocation.issuedUpTo, ordering: .acquiringAndReleasing)
        switch revocation.scope {
        case .session: break
        case .member(let member): update(member, until: until, revoke)
        case .installation(let key):
            part(key.installationID).withLock { part in
                revoke(&part.installations[key, default: Entry()])
                part.installations[key]?.extend(until)
            }
        case .everything: everythingUpTo.max(revocation.issuedUpTo, ordering: .acquiringAndReleasing)
        }
    }

    private func update(_ member: MemberKey, until: Int64, _ change: (inout Entry) -> Void) {
        part(member.userID).withLock { part in
            change(&part.members[member, default: Entry()])
            part.members[member]?.extend(until)
        }
    }

    private func entry(of member: MemberKey) -> Entry? { part(member.userID).withLock { $0.members[member] } }

    private func entry(of installation: InstallationKey) -> Entry? {
        part(installation.installationID).withLock { $0.installations[installation] }
    }

    private func part(_ id: SessionID) -> Locked<Part> { parts[Int(id.low % UInt64(parts.count))] }

    /// The marketplace's ids are random, so their last letter spreads them over the parts.
    private func part(_ id: String) -> Locked<Part> { parts[Int(id.utf8.last ?? 0) % parts.count] }
}

extension Dictionary {
    /// Leaves the dictionary alone where nothing has to go: a filtered copy costs far more than the look.
    fileprivate mutating func keep(_ isKept: (Value) -> Bool) {
        if !values.allSatisfy(isKept) { self = filter { isKept($0.value) } }
    }
}

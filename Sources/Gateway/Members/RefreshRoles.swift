import Locking
import Marketplace

/// Keeps the roles of people who are at work as new as the settings want: one look-up at a time for a member, however
/// many decisions ask, and a rest after one that came to nothing.
final class RefreshRoles: Sendable {
    /// Members who are being looked up or rest; for more, decisions go on with what they have.
    static let maximumMembers = 1024
    /// After a look-up without a usable answer. In seconds.
    static let rest: Int64 = 30
    /// A look-up's answer counts as this much older than it is, so that a webhook made meanwhile wins. In seconds.
    static let margin: Int64 = 5

    private enum Flight {
        case under(Task<Bool, Never>)
        case resting(until: Int64)
    }

    private let lookup: LookUpRole
    private let access: LiveStore
    private let lifetimes: SessionLifetimes
    private let log: EventLog
    private let metrics: Metrics
    private let clock: Clock
    private let flights = Locked<[MemberKey: Flight]>([:])

    init(
        _ lookup: LookUpRole, access: LiveStore, lifetimes: SessionLifetimes, log: EventLog, metrics: Metrics,
        clock: Clock
    ) {
        self.lookup = lookup
        self.access = access
        self.lifetimes = lifetimes
        self.log = log
        self.metrics = metrics
        self.clock = clock
    }

    /// Has the member looked up unless that is under way already. Returns at once.
    func begin(_ member: MemberKey) { _ = flight(member) }

    /// Waits for the look-up. True where the index knows more than before.
    func finish(_ member: MemberKey) async -> Bool { await flight(member)?.value ?? false }

    /// Nil while the member rests, or when too many are under way.
    private func flight(_ member: MemberKey) -> Task<Bool, Never>? {
        let now = clock.unixSeconds()
        return flights.withLock { flights in
            switch flights[member] {
            case .under(let task): return task
            case .resting(let until) where now < until && until <= now + Self.rest: return nil
            default: break
            }
            if flights.count >= Self.maximumMembers {
                flights = flights.filter { if case .resting(let until) = $0.value { now < until } else { true } }
                guard flights.count < Self.maximumMembers else { return nil }
            }
            let task = Task { await self.look(member) }
            flights[member] = .under(task)
            return task
        }
    }

    private func look(_ member: MemberKey) async -> Bool {
        let isUsable = await take(await lookup.role(of: member), member)
        let now = clock.unixSeconds()
        flights.withLock { $0[member] = isUsable ? nil : .resting(until: now + Self.rest) }
        return isUsable
    }

    private func take(_ answer: LookUpRole.Answer, _ member: MemberKey) async -> Bool {
        let now = clock.unixSeconds()
        func state(_ role: MemberRole?) -> StoreWrite {
            .member(MemberState(member: member, role: role, checkedAt: now, changedAt: (now - Self.margin) * 1000))
        }
        func ended(_ scope: Revocation.Scope) -> StoreWrite {
            .revocation(.of(scope, now: now, lifetimes: lifetimes))
        }
        switch answer {
        case .asked(.member(let role)): return await write([state(role)])
        case .asked(.removed):
            log.record(.memberRemoved, nil, fields(member, "member_removed"))
            return await write([state(nil), ended(.member(member))])
        case .asked(.installationGone):
            log.record(.memberRemoved, nil, fields(member, "installation_gone"))
            return await write([ended(.installation(member.installation))])
        case .asked(.tokenRefused): return unavailable("token_refused", member)
        case .asked(.unavailable(let reason)), .tokenUnavailable(let reason): return unavailable(reason, member)
        case .noToken: return false
        }
    }

    private func write(_ writes: [StoreWrite]) async -> Bool {
        do {
            try await access.write(writes)
            return true
        } catch {
            log.record(.storeUnavailable, nil, ["detail": "\(error)"])
            return false
        }
    }

    private func unavailable(_ reason: String, _ member: MemberKey) -> Bool {
        metrics.memberLookupsUnavailable.count()
        log.record(.memberLookupUnavailable, nil, ["reason": reason, "integration": member.integration])
        return false
    }

    private func fields(_ member: MemberKey, _ reason: String) -> EventLog.Fields {
        [
            "reason": reason, "integration": member.integration, "installation": member.installationID,
            "user": member.userID,
        ]
    }
}

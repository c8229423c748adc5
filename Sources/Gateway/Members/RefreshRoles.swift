import Locking
import Marketplace

/// Keeps the roles of people who are at work as new as the settings want: one look-up at a time for a member, however
/// many decisions ask, and a rest after one that came to nothing.
///
/// In parts with a lock each, as the live index: without an installation token every decision about a role that is not
/// new comes by here.
final class RefreshRoles: Sendable {
    /// Look-ups under way in one part, a thousand altogether; for more members, decisions go on with what they have.
    static let maximumFlights = 64
    /// Members who rest in one part. Apart from the others, so that an installation whose token is refused takes nobody
    /// else's place.
    static let maximumResting = 4096
    /// After a look-up without a usable answer. In seconds.
    static let rest: Int64 = 30
    /// A look-up's answer counts as this much older than it is, so that a webhook made meanwhile wins. In seconds.
    static let margin: Int64 = 5

    private struct Part {
        var flights: [MemberKey: Task<Bool, Never>] = [:]
        /// Until when.
        var resting: [MemberKey: Int64] = [:]
    }

    private let lookup: LookUpRole
    private let access: LiveStore
    private let lifetimes: SessionLifetimes
    private let log: EventLog
    private let metrics: Metrics
    private let clock: Clock
    private let parts = (0..<16).map { _ in Locked(Part()) }

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

    /// Has the member looked up unless that is under way already, and returns at once: the look-up, which ends with true
    /// where the index knows more than before; nil while the member rests, or when too many are under way.
    @discardableResult
    func begin(_ member: MemberKey) -> Task<Bool, Never>? {
        let now = clock.unixSeconds()
        return part(member).withLock { part in
            if let flight = part.flights[member] { return flight }
            // A clock that was set back must not make the rest longer.
            if let until = part.resting[member], now < until, until <= now + Self.rest { return nil }
            guard part.flights.count < Self.maximumFlights else { return nil }
            part.resting[member] = nil
            let flight = Task { await self.look(member) }
            part.flights[member] = flight
            return flight
        }
    }

    private func part(_ member: MemberKey) -> Locked<Part> {
        parts[Int(UInt(bitPattern: member.hashValue) % UInt(parts.count))]
    }

    private func look(_ member: MemberKey) async -> Bool {
        let isUsable = await take(await lookup.role(of: member), member)
        let now = clock.unixSeconds()
        part(member).withLock { part in
            part.flights[member] = nil
            if isUsable { return }
            if part.resting.count >= Self.maximumResting { part.resting = part.resting.filter { now < $0.value } }
            if part.resting.count < Self.maximumResting { part.resting[member] = now + Self.rest }
        }
        return isUsable
    }

    private func take(_ answer: LookUpRole.Answer, _ member: MemberKey) async -> Bool {
        let outcome: MemberLookup.Outcome
        switch answer {
        case .asked(.tokenRefused): return unavailable("token_refused", member)
        case .asked(.unavailable(let reason)), .tokenUnavailable(let reason): return unavailable(reason, member)
        case .noToken: return false
        case .asked(let answered): outcome = answered
        }
        if let ending = outcome.ending { log.record(.memberRemoved, nil, fields(member, ending)) }
        return await write(outcome.writes(about: member, now: clock.unixSeconds(), lifetimes: lifetimes))
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

import Locking
import Marketplace

/// Keeps the roles of active members as new as the settings demand: one look-up at a time for a member, and a pause after a
/// failed one.
///
/// In parts with a lock each: without an installation token every decision about an old role takes one of them.
final class RefreshRoles: Sendable {
    /// Look-ups under way in one part, a thousand altogether; for more members, decisions use the known role.
    static let maximumFlights = 64
    /// Members in one part whose look-up failed. Limited apart from `maximumFlights`, so that an installation whose token is
    /// refused cannot block the look-ups of others.
    static let maximumResting = 4096
    /// After a look-up without a usable answer. In seconds.
    static let rest: Int64 = 30
    /// A look-up's answer counts as this much older than its request, so that a simultaneous webhook wins although the
    /// marketplace's clock is a little behind. In seconds.
    static let margin: Int64 = 5

    /// What came of a look-up.
    enum Result: Sendable {
        /// The index has the answer.
        case updated
        /// No usable answer; a later look-up may have one.
        case unavailable
        /// Without a token only a login renews the role.
        case noToken
    }

    enum Progress: Sendable {
        case underWay(Task<Result, Never>)
        /// A look-up failed a moment ago with this result, or too many are under way.
        case resting(Result)
        /// The index has a newer role than the caller.
        case overtaken
    }

    private struct Part {
        var flights: [MemberKey: Task<Result, Never>] = [:]
        var resting: [MemberKey: (until: Int64, result: Result)] = [:]
    }

    private let lookup: LookUpRole
    private let access: LiveStore
    private let lifetimes: SessionLifetimes
    private let clock: Clock
    private let parts = (0..<16).map { _ in Locked(Part()) }

    init(_ lookup: LookUpRole, access: LiveStore, lifetimes: SessionLifetimes, _ observability: Observability) {
        self.lookup = lookup
        self.access = access
        self.lifetimes = lifetimes
        clock = observability.clock
    }

    /// Starts a look-up unless one is under way or failed a moment ago, and returns at once.
    ///
    /// `isOvertaken`: whether a look-up ended after the caller read the index. Called under the lock, when no look-up can
    /// begin or end.
    @discardableResult
    func begin(_ member: MemberKey, unless isOvertaken: () -> Bool) -> Progress {
        let now = clock.unixSeconds()
        return part(member).withLock { part in
            if let flight = part.flights[member] { return .underWay(flight) }
            // A clock that was set back must not make the rest longer.
            if let (until, result) = part.resting[member], now < until, until <= now + Self.rest {
                return .resting(result)
            }
            if isOvertaken() { return .overtaken }
            guard part.flights.count < Self.maximumFlights else { return .resting(.unavailable) }
            part.resting[member] = nil
            let flight = Task { await self.look(member) }
            part.flights[member] = flight
            return .underWay(flight)
        }
    }

    private func part(_ member: MemberKey) -> Locked<Part> {
        parts[Int(UInt(bitPattern: member.hashValue) % UInt(parts.count))]
    }

    private func look(_ member: MemberKey) async -> Result {
        let sentAt = LookupTime(clock: clock, index: access.index)
        let result = await take(await lookup.role(of: member), member, sentAt: sentAt)
        let now = clock.unixSeconds()
        part(member).withLock { part in
            part.flights[member] = nil
            if result == .updated { return }
            if part.resting.count >= Self.maximumResting {
                part.resting = part.resting.filter { now < $0.value.until }
            }
            if part.resting.count < Self.maximumResting { part.resting[member] = (now + Self.rest, result) }
        }
        return result
    }

    private func take(_ answer: LookUpRole.Answer, _ member: MemberKey, sentAt: LookupTime) async -> Result {
        let outcome: MemberLookup.Outcome
        switch answer {
        case .answered(.tokenRefused): return unavailable("token_refused", member)
        case .answered(.unavailable(let reason)), .tokenUnavailable(let reason): return unavailable(reason, member)
        case .noToken: return .noToken
        case .answered(let answered): outcome = answered
        }
        if let ending = outcome.ending { lookup.recordRemoved(ending, member, nil) }
        return await write(outcome.writes(about: member, sentAt: sentAt, lifetimes: lifetimes))
    }

    private func write(_ writes: [StoreWrite]) async -> Result {
        do {
            try await access.write(writes)
            return .updated
        } catch {
            return .unavailable
        }
    }

    private func unavailable(_ reason: String, _ member: MemberKey) -> Result {
        lookup.recordUnavailable(reason, integration: member.integration, nil)
        return .unavailable
    }
}

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
    /// A look-up's answer counts as this much older than its question, so that a webhook made meanwhile wins although the
    /// marketplace's clock is a little behind. In seconds.
    static let margin: Int64 = 5

    /// What came of a look-up.
    enum Result: Sendable {
        /// The index knows more than before.
        case heard
        /// No usable answer; a later look-up may have one.
        case unavailable
        /// Nobody has told us a token to ask with: only a login tells more.
        case noToken
    }

    enum Progress: Sendable {
        case underWay(Task<Result, Never>)
        /// Asked a moment ago with this result, or there is no place for one more.
        case resting(Result)
        /// What would be asked for was heard just now.
        case overtaken
    }

    private struct Part {
        var flights: [MemberKey: Task<Result, Never>] = [:]
        var resting: [MemberKey: (until: Int64, result: Result)] = [:]
    }

    private let lookup: LookUpRole
    private let access: LiveStore
    private let lifetimes: SessionLifetimes
    private let log: EventLog
    private let clock: Clock
    private let parts = (0..<16).map { _ in Locked(Part()) }

    init(_ lookup: LookUpRole, access: LiveStore, lifetimes: SessionLifetimes, _ observability: Observability) {
        self.lookup = lookup
        self.access = access
        self.lifetimes = lifetimes
        log = observability.log
        clock = observability.clock
    }

    /// Has the member looked up unless that is under way already or was done a moment ago, and returns at once.
    ///
    /// `isOvertaken`: between the caller's look at the index and now a look-up may have ended; asked once nobody else
    /// can begin or end one.
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
        let asked = LookupTime(clock: clock, index: access.index)
        let result = await take(await lookup.role(of: member), member, asked: asked)
        let now = clock.unixSeconds()
        part(member).withLock { part in
            part.flights[member] = nil
            if result == .heard { return }
            if part.resting.count >= Self.maximumResting {
                part.resting = part.resting.filter { now < $0.value.until }
            }
            if part.resting.count < Self.maximumResting { part.resting[member] = (now + Self.rest, result) }
        }
        return result
    }

    private func take(_ answer: LookUpRole.Answer, _ member: MemberKey, asked: LookupTime) async -> Result {
        let outcome: MemberLookup.Outcome
        switch answer {
        case .asked(.tokenRefused): return unavailable("token_refused", member)
        case .asked(.unavailable(let reason)), .tokenUnavailable(let reason): return unavailable(reason, member)
        case .noToken: return .noToken
        case .asked(let answered): outcome = answered
        }
        if let ending = outcome.ending { log.record(.memberRemoved, nil, fields(member, ending)) }
        return await write(outcome.writes(about: member, asked: asked, lifetimes: lifetimes))
    }

    private func write(_ writes: [StoreWrite]) async -> Result {
        do {
            try await access.write(writes)
            return .heard
        } catch {
            return .unavailable
        }
    }

    private func unavailable(_ reason: String, _ member: MemberKey) -> Result {
        lookup.recordUnavailable(reason, integration: member.integration, nil)
        return .unavailable
    }

    private func fields(_ member: MemberKey, _ reason: String) -> EventLog.Fields {
        [
            "reason": reason, "integration": member.integration, "installation": member.installationID,
            "user": member.userID,
        ]
    }
}

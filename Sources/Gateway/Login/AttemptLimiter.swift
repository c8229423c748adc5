import Locking

/// Limits the attempts of each client within a time window, so that no client can guess codes or use up shared capacity.
/// An attempt is reserved before the work, so that simultaneous attempts count like consecutive ones. The caller gives it
/// back after a success, or where no code was tried.
///
/// Bounded: when the table is full, the clients that began longest ago are forgotten, so that a flood of addresses cannot
/// lock real people out.
final class AttemptLimiter: Sendable {
    struct Reservation: Sendable {
        fileprivate let client: ClientAddress
        fileprivate let since: Int64
    }

    struct Exhausted: Error {
        /// Until the next attempt is allowed. In seconds.
        let wait: Int64
    }

    private struct Count {
        var reserved = 0
        let since: Int64
    }

    /// In seconds.
    private let window: Int64
    private let allowed: Int
    private let allowedTogether: Int
    private let capacity: Int
    private let counts = Locked([ClientAddress: Count]())

    /// Twenty failed attempts in five minutes. A thousand for a key that several people share: twenty attempts of one
    /// attacker would lock out all others, and without a limit codes could be guessed.
    convenience init(capacity: Int = 8192) {
        self.init(window: 300, allowed: 20, together: 1000, capacity: capacity)
    }

    /// `window` in seconds; `allowed` for a client, `together` for a key that several people share; `capacity`: how many
    /// clients fit.
    init(window: Int64, allowed: Int, together: Int, capacity: Int) {
        self.window = window
        self.allowed = allowed
        allowedTogether = together
        self.capacity = capacity
    }

    /// `now` in seconds since 1970.
    func reserve(_ client: ClientAddress, now: Int64) throws(Exhausted) -> Reservation {
        let limit = client.isShared ? allowedTogether : allowed
        return try counts.withLock { counts -> Result<Reservation, Exhausted> in
            var count = Count(since: now)
            if let known = counts[client], isCurrent(known, now: now) { count = known }
            guard count.reserved < limit else { return .failure(Exhausted(wait: count.since + window - now)) }
            if counts[client] == nil { evict(from: &counts, now: now) }
            count.reserved += 1
            counts[client] = count
            return .success(Reservation(client: client, since: count.since))
        }.get()
    }

    func giveBack(_ reservation: Reservation) {
        counts.withLock { counts in
            guard var count = counts[reservation.client], count.since == reservation.since else { return }
            count.reserved -= 1
            counts[reservation.client] = count.reserved > 0 ? count : nil
        }
    }

    /// A clock that was set back must not make the window longer.
    private func isCurrent(_ count: Count, now: Int64) -> Bool { count.since <= now && now < count.since + window }

    /// Forgets a quarter at a time: in a flood of addresses, searching the whole table for each would be slow.
    private func evict(from counts: inout [ClientAddress: Count], now: Int64) {
        guard counts.count >= capacity else { return }
        let current = counts.filter { isCurrent($0.value, now: now) }
        let kept = current.sorted { $0.value.since > $1.value.since }.prefix(capacity * 3 / 4)
        counts = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}

import Locking

/// How many attempts each client has within a time, so that no client guesses codes through us or spends what is there
/// for all. An attempt is reserved before the work and given back only where that came to something: attempts at once
/// count as much as attempts one after another.
///
/// Bounded: when the table is full the clients that began longest ago are forgotten, so no number of addresses can shut
/// a real person out.
final class AttemptLimiter: Sendable {
    struct Reservation: Sendable {
        fileprivate let client: ClientAddress
        fileprivate let since: Int64
    }

    struct Exhausted: Error {
        /// Until there are attempts again. In seconds.
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

    /// Twenty fruitless attempts in five minutes. A thousand where people cannot be told apart: the twenty of one guesser
    /// would lock out all others, and without an end codes could be guessed.
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
            if counts[client] == nil { makeRoom(in: &counts, now: now) }
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

    /// Forgets a quarter at a time: a flood of addresses must not have the whole table searched for each of them.
    private func makeRoom(in counts: inout [ClientAddress: Count], now: Int64) {
        guard counts.count >= capacity else { return }
        let current = counts.filter { isCurrent($0.value, now: now) }
        let kept = current.sorted { $0.value.since > $1.value.since }.prefix(capacity * 3 / 4)
        counts = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}

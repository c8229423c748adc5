import HTTP
import Locking

/// Counts refused codes per client address, so that nobody guesses codes through us. Bounded: when the table is full
/// the address that failed longest ago is forgotten, so no number of addresses can shut a real person out.
final class AttemptLimiter: Sendable {
    private struct Count {
        var refused: Int
        let since: Int64
    }

    /// In seconds.
    static let window: Int64 = 300
    static let allowed = 20
    private let capacity: Int
    private let counts = Locked([IPAddress: Count]())

    init(capacity: Int = 8192) { self.capacity = capacity }

    func isExhausted(_ client: IPAddress?, now: Int64) -> Bool {
        guard let client else { return false }
        return counts.withLock { counts in
            guard let count = counts[Self.group(client)], now < count.since + Self.window else { return false }
            return count.refused >= Self.allowed
        }
    }

    func recordRefusal(_ client: IPAddress?, now: Int64) {
        guard let client else { return }
        counts.withLock { counts in
            let group = Self.group(client)
            if let count = counts[group], now < count.since + Self.window {
                counts[group] = Count(refused: count.refused + 1, since: count.since)
                return
            }
            if counts.count >= capacity, counts[group] == nil {
                counts = counts.filter { now < $0.value.since + Self.window }
                if counts.count >= capacity, let oldest = counts.min(by: { $0.value.since < $1.value.since }) {
                    counts.removeValue(forKey: oldest.key)
                }
            }
            counts[group] = Count(refused: 1, since: now)
        }
    }

    /// Whoever has an IPv6 address has a /64 of them.
    private static func group(_ address: IPAddress) -> IPAddress {
        address.isV4 ? address : IPAddress(high: address.high, low: 0)
    }
}

import HTTP
import Locking

/// How often each client may call for each installation. A call is admitted when the calls before it, each spread over its
/// share of the period, leave a gap (the generic cell rate algorithm): a burst of one period's calls, then evenly.
final class BrokerRates: Sendable {
    struct Key: Hashable {
        let client: String
        let installation: String
    }

    /// More pairs than this at once, and those without recent calls are forgotten.
    private static let many = 10_000

    /// In nanoseconds.
    private let period: UInt64
    private let share: UInt64
    /// When the calls so far are spread out. In nanoseconds.
    private let spent = Locked([Key: UInt64]())

    init(_ rate: BrokerSettings.Rate) {
        period = UInt64(rate.period) * 1_000_000_000
        share = max(period / UInt64(rate.calls), 1)
    }

    /// Nil if the call is admitted, or else the seconds to wait. `now` in nanoseconds of a clock that never steps.
    func admit(_ key: Key, now: UInt64) -> Int64? {
        spent.withLock { spent in
            let next = max(spent[key] ?? 0, now) + share
            guard next <= now + period else { return Int64((next - now - period) / 1_000_000_000) + 1 }
            if spent[key] == nil, spent.count >= Self.many { Self.makeRoom(in: &spent, now: now) }
            spent[key] = next
            return nil
        }
    }

    /// Forgets pairs that have their whole rate again, and if that is not enough, the quarter with most of it.
    private static func makeRoom(in spent: inout [Key: UInt64], now: UInt64) {
        spent = spent.filter { $0.value > now }
        guard spent.count >= many else { return }
        let kept = spent.sorted { $0.value > $1.value }.prefix(many * 3 / 4)
        spent = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}

/// How many calls are under way for each installation: a marketplace that is slow for one must not take all there are.
final class BrokerCalls: Sendable {
    static let perInstallation = 16

    private let counts = Locked([InstallationKey: Int]())

    /// False where that many are under way.
    func begin(_ installation: InstallationKey) -> Bool {
        counts.withLock { counts in
            let count = counts[installation] ?? 0
            guard count < Self.perInstallation else { return false }
            counts[installation] = count + 1
            return true
        }
    }

    func end(_ installation: InstallationKey) {
        counts.withLock { counts in
            let count = (counts[installation] ?? 1) - 1
            counts[installation] = count > 0 ? count : nil
        }
    }
}

/// Wrong bearer tokens of each peer. A right token is accepted all the same: on loopback all programs are one peer, and one
/// of them must not lock the others out.
final class BrokerGuesses: Sendable {
    static let allowed = 20
    /// In seconds.
    static let window: Int64 = 60
    private static let many = 4096

    private let counts = Locked([PeerAddress: (count: Int, since: Int64)]())

    /// Nil where this wrong token is still answered as one, or else the seconds to wait. `now` in seconds since 1970.
    func add(_ peer: PeerAddress, now: Int64) -> Int64? {
        counts.withLock { counts in
            var known = counts[peer] ?? (0, now)
            // In both directions: a clock that was set back must not make the window longer.
            if now < known.since || now >= known.since + Self.window { known = (0, now) }
            guard known.count < Self.allowed else { return known.since + Self.window - now }
            if counts[peer] == nil, counts.count >= Self.many { counts.removeAll() }
            counts[peer] = (known.count + 1, known.since)
            return nil
        }
    }
}

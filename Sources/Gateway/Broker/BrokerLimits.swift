import HTTP
import Locking

/// What the broker counts, also when a gateway with a new configuration takes the place of another one.
struct BrokerLimits: Sendable {
    /// Of a client for an installation.
    let rates: BrokerRates
    /// Of a client for everything together.
    let clientRates: BrokerRates
    let underWay: BrokerCalls
    let guesses: BrokerGuesses

    /// `other`: of the broker whose place this one takes. A changed rate begins anew.
    init(_ settings: BrokerSettings, continuing other: BrokerLimits? = nil) {
        rates = Self.rates(settings.rate, continuing: other?.rates)
        clientRates = Self.rates(settings.clientRate, continuing: other?.clientRates)
        underWay = other?.underWay ?? BrokerCalls()
        guesses = other?.guesses ?? BrokerGuesses()
    }

    private static func rates(_ rate: BrokerSettings.Rate, continuing other: BrokerRates?) -> BrokerRates {
        other.flatMap { $0.rate == rate ? $0 : nil } ?? BrokerRates(rate)
    }
}

/// How often each client may call, for each installation or in all. A call is admitted when the calls before it, each spread over its
/// share of the period, leave a gap (the generic cell rate algorithm): a burst of one period's calls, then evenly.
final class BrokerRates: Sendable {
    struct Key: Hashable {
        let client: String
        /// Nil for everything together.
        var installation: String?
    }

    /// More pairs than this at once, and those without recent calls are forgotten.
    private static let many = 10_000

    let rate: BrokerSettings.Rate
    /// In nanoseconds.
    private let period: UInt64
    private let share: UInt64
    /// When the calls so far are spread out. In nanoseconds.
    private let spent = Locked([Key: UInt64]())

    init(_ rate: BrokerSettings.Rate) {
        self.rate = rate
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

/// How many calls are under way: a marketplace that is slow for one installation must not take all there are, nor may one
/// client, by however many installations that it names.
final class BrokerCalls: Sendable {
    static let perInstallation = 16
    static let perClient = 64

    private struct Counts {
        var installations: [InstallationKey: Int] = [:]
        var clients: [String: Int] = [:]
    }

    private let counts = Locked(Counts())
    private let working = Locked(0)

    /// Whether a call is worked on, maybe for a client that is gone. Its audit line is still to come.
    var isWorking: Bool { working.withLock { $0 > 0 } }

    /// Does the whole work on a call, its audit line included.
    func work<Answer: Sendable>(_ work: () async -> Answer) async -> Answer {
        working.withLock { $0 += 1 }
        defer { working.withLock { $0 -= 1 } }
        return await work()
    }

    /// False where that many are under way.
    func begin(_ installation: InstallationKey, client: String) -> Bool {
        counts.withLock { counts in
            guard counts.installations[installation, default: 0] < Self.perInstallation,
                counts.clients[client, default: 0] < Self.perClient
            else { return false }
            counts.installations[installation, default: 0] += 1
            counts.clients[client, default: 0] += 1
            return true
        }
    }

    func end(_ installation: InstallationKey, client: String) {
        counts.withLock { counts in
            counts.installations[installation, default: 1] -= 1
            if counts.installations[installation] == 0 { counts.installations[installation] = nil }
            counts.clients[client, default: 1] -= 1
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

    struct TooMany {
        /// In seconds.
        let wait: Int64
        /// In this window: the others are not worth a line in the log each.
        let isFirst: Bool
    }

    /// Nil where this wrong token is still answered as one. `now` in seconds since 1970.
    func add(_ peer: PeerAddress, now: Int64) -> TooMany? {
        // All of loopback is one machine.
        var peer = peer
        if case .ip(let address) = peer { peer = address.isLoopback ? .unixSocket : .ip(address.client) }
        return counts.withLock { counts in
            var known = counts[peer] ?? (0, now)
            // In both directions: a clock that was set back must not make the window longer.
            if now < known.since || now >= known.since + Self.window { known = (0, now) }
            if counts[peer] == nil, counts.count >= Self.many { counts.removeAll() }
            counts[peer] = (min(known.count, Self.allowed) + 1, known.since)
            guard known.count >= Self.allowed else { return nil }
            return TooMany(wait: known.since + Self.window - now, isFirst: known.count == Self.allowed)
        }
    }
}

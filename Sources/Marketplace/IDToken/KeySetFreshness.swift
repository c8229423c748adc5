import HTTP
import Untrusted

/// When a fetched key set may be used and when it must be fetched again. Times in seconds since 1970.
struct KeySetFreshness: Sendable, Equatable {
    /// Limits for `Cache-Control`: 1 minute to 24 hours; 10 minutes without a usable one.
    static let lifetimes: ClosedRange<Int64> = 60...86_400
    static let defaultLifetime: Int64 = 600
    /// How long a stale set is used in an outage of the issuer's key endpoint.
    static let staleOnError: Int64 = 86_400
    /// Between two fetches, however many tokens name unknown keys.
    static let minimumInterval: Int64 = 30
    /// How long an unknown key causes no second fetch. Longer than `minimumInterval`, so that one bad token that comes
    /// repeatedly cannot use up all fetches; not much longer, because the endpoint may publish a new key late.
    static let unknownMemory: Int64 = 120
    /// The part of the lifetime before the refresh. In per cent.
    static let refreshPercents: ClosedRange<Int64> = 70...85

    let fetchedAt: Int64
    let lifetime: Int64
    let refreshPercent: Int64

    init(fetchedAt: Int64, cacheControl: UntrustedText?, refreshPercent: Int64) {
        self.fetchedAt = fetchedAt
        self.refreshPercent = refreshPercent
        let requested = Self.maximumAge(cacheControl) ?? Self.defaultLifetime
        lifetime = min(max(requested, Self.lifetimes.lowerBound), Self.lifetimes.upperBound)
    }

    /// Before the end of the lifetime, so that no login waits for a fetch.
    func wantsRefresh(now: Int64) -> Bool { now >= fetchedAt + refreshAfter }
    /// In seconds after the fetch.
    var refreshAfter: Int64 { lifetime * refreshPercent / 100 }
    func isFresh(now: Int64) -> Bool { now < fetchedAt + lifetime }
    func isUsableOnError(now: Int64) -> Bool { now < fetchedAt + lifetime + Self.staleOnError }

    /// Whether `now` is less than `seconds` from `time`. In both directions: tasks have slightly different times, and after a clock
    /// was set back fetches must not stop until it catches up.
    static func isWithin(_ seconds: Int64, of time: Int64, _ now: Int64) -> Bool {
        (now - time).magnitude < seconds.magnitude
    }

    /// `max-age` of a Cache-Control header (RFC 9111 section 5.2.2.1); 0 for `no-store` and `no-cache`.
    private static func maximumAge(_ header: UntrustedText?) -> Int64? {
        guard let header else { return nil }
        let directives = header.lowercasedASCII.split(at: ",").map {
            UntrustedText(checked: Array($0.bytes.drop { $0 == UInt8(ascii: " ") }))
        }
        if directives.contains(where: { $0.hasPrefix("no-store") || $0.hasPrefix("no-cache") }) { return 0 }
        let ages = directives.compactMap { $0.dropping(prefix: "max-age=") }.map { Int64($0.string) }
        return ages.count == 1 ? ages[0] : nil
    }
}

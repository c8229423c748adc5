import Marketplace
import SecretMemory

/// Short-lived tokens by the `client_credentials` grant: one fetch at a time for an installation, cached until shortly
/// before they expire.
actor FetchedTokens {
    /// The lifetime of a token without `expires_in`. In seconds.
    static let assumedLifetime: Int64 = 300
    /// The limit for `expires_in`. In seconds.
    static let longestLifetime: Int64 = 86_400
    /// No new fetch for so long after a failure. In seconds.
    static let pauseAfterFailure: Int64 = 5
    /// At so many entries the expired ones are removed.
    private static let cleanupThreshold = 10_000

    private let grant: ClientCredentialsGrant
    private let fetches: LabelledCounter
    private let clock: Clock
    private var kept: [String: (found: InstallationTokens.Found, until: Int64, good: Int64)] = [:]
    private var flights: [String: Task<InstallationTokens.Found, Never>] = [:]

    init(_ grant: ClientCredentialsGrant, _ observability: Observability) {
        self.grant = grant
        clock = observability.clock
        fetches = Self.fetches(observability.metrics)
    }

    static func fetches(_ metrics: Metrics) -> LabelledCounter {
        metrics.counter(
            "token_fetches_total", "Installation tokens requested with client credentials.", label: "outcome",
            values: ["granted", "failed"])
    }

    func find(_ installationID: String, now: Int64) async -> InstallationTokens.Found {
        // Both comparisons are needed: a clock that was set back must not prolong a token or a failure.
        if let known = kept[installationID], now < known.until, known.until <= now + known.good { return known.found }
        if let flight = flights[installationID] { return await flight.value }
        let flight = Task { await fetch(installationID) }
        flights[installationID] = flight
        return await flight.value
    }

    func forget(_ installationID: String) {
        // A failure stays for its few seconds.
        if case .token? = kept[installationID]?.found { kept[installationID] = nil }
    }

    private func fetch(_ installationID: String) async -> InstallationTokens.Found {
        let found: InstallationTokens.Found
        // In seconds.
        let good: Int64
        do throws(GrantedToken.Failure) {
            let granted = try await grant.token(installation: installationID)
            let lifetime = min(granted.expiresIn ?? Self.assumedLifetime, Self.longestLifetime)
            found = .token(granted.token)
            // A tenth, at most a minute: the token must still be valid when a request with it arrives.
            good = lifetime - min(lifetime / 10 + 1, 60)
            fetches.count("granted")
        } catch {
            found = .unavailable(error.reason)
            good = Self.pauseAfterFailure
            fetches.count("failed")
        }
        let now = clock.unixSeconds()
        if kept.count >= Self.cleanupThreshold {
            kept = kept.filter { now < $0.value.until }
        }
        kept[installationID] = (found, until: now + good, good)
        flights[installationID] = nil
        return found
    }
}

import Marketplace
import SecretMemory

/// Short-lived tokens by the `client_credentials` grant: one fetch at a time for an installation, kept until shortly
/// before they end.
actor FetchedTokens {
    /// What an answer without `expires_in` is good for. In seconds.
    static let assumedLifetime: Int64 = 300
    /// However long the answer says. In seconds.
    static let longestLifetime: Int64 = 86_400
    /// After a failure nobody asks again for so long. In seconds.
    static let pauseAfterFailure: Int64 = 5
    /// More installations than this at once, and those whose tokens have ended are let go of.
    private static let many = 10_000

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
            "token_fetches_total", "Installation tokens asked for with client credentials.", label: "outcome",
            values: ["granted", "failed"])
    }

    func find(_ installationID: String, now: Int64) async -> InstallationTokens.Found {
        // In both directions: a clock that was set back must not keep a token, or a failure, beyond its time.
        if let known = kept[installationID], now < known.until, known.until <= now + known.good { return known.found }
        if let flight = flights[installationID] { return await flight.value }
        let flight = Task { await fetch(installationID) }
        flights[installationID] = flight
        return await flight.value
    }

    func forget(_ installationID: String) {
        // A failure stays known for its few seconds.
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
            // A tenth, at most a minute: a request that sets out with the token must arrive with it.
            good = lifetime - min(lifetime / 10 + 1, 60)
            fetches.count("granted")
        } catch {
            found = .unavailable(error.reason)
            good = Self.pauseAfterFailure
            fetches.count("failed")
        }
        let now = clock.unixSeconds()
        if kept.count >= Self.many {
            kept = kept.filter { now < $0.value.until }
        }
        kept[installationID] = (found, until: now + good, good)
        flights[installationID] = nil
        return found
    }
}

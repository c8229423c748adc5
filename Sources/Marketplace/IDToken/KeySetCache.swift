package import HTTP
package import JOSE
package import Untrusted

/// The issuer's public keys: fetched when first needed, refreshed ahead of time, used on while the endpoint is down,
/// one fetch at a time, and for each origin of tokens at most one in half a minute.
package actor KeySetCache {
    /// Why there are no keys to judge a token by.
    package enum Unavailable: Error, Sendable, Equatable {
        case client(HTTPClientError)
        case status(Int)
        case unusable(JWKSetRefusal)
        /// A set without one key that we could use must not take the place of a good one.
        case noUsableKey
        /// An earlier attempt ended less than half a minute ago; nothing is asked until then.
        case heldBack

        /// A stable word for logs and metrics.
        package var reason: String {
            switch self {
            case .client(.timedOut): "timed_out"
            case .client(.tlsRefused): "tls"
            case .client: "unreachable"
            case .status: "status"
            case .unusable: "not_a_key_set"
            case .noUsableKey: "no_usable_key"
            case .heldBack: "held_back"
            }
        }

        package static let reasons = [
            "timed_out", "tls", "unreachable", "status", "not_a_key_set", "no_usable_key", "held_back",
        ]
    }

    /// Where the token came from for which a set is needed.
    package enum Origin: Sendable {
        /// The token endpoint, to which this gateway has connected by TLS.
        case exchange
        /// A request to this gateway, from an unknown sender until the token is verified.
        case call
    }

    /// What became of a fetch.
    package enum Report: Sendable {
        /// `at` in seconds since 1970.
        case fetched(at: Int64)
        case failed(Unavailable)
        /// The set of another cache, fetched at that time, is used from now on.
        case takenOver(fetchedAt: Int64)
    }

    /// What one origin has used of its fetches.
    private struct Budget {
        var lastAttempt: Int64?
        /// Key ids that a fetch of their own did not bring, and when that was. At most one comes per fetch and leaves
        /// before five others can come.
        var unknown: [UntrustedText: Int64] = [:]
    }

    private typealias Flight = Task<Result<JWKSet, Unavailable>, Never>

    private let source: KeySetSource
    private let jitter: @Sendable () -> Int64
    private let sleep: @Sendable (Duration) async throws -> Void
    private let report: @Sendable (Report) -> Void
    private var held: (set: JWKSet, freshness: KeySetFreshness)?
    /// Apart, so that tokens from unknown senders cannot use up the fetch that a login needs after a key change.
    private var budgets: [Origin: Budget] = [:]
    /// Of the last attempt; nil after a success.
    private var lastFailure: Unavailable?
    private var flight: Flight?
    /// Sleeps until the next refresh, so that no login has to wait for one after a quiet hour.
    private var refresh: Task<Void, Never>?

    /// `algorithms`: a set without a key for any of them is not usable. `jitter`: how much of a set's lifetime passes
    /// before it is refreshed, in per cent, so that many gateways do not ask at the same moment. `sleep` waits.
    package init(
        url: String, client: any HTTPClient, algorithms: Set<SignatureAlgorithm> = [.rs256],
        timeout: Duration = .seconds(8),
        jitter: @escaping @Sendable () -> Int64 = { .random(in: KeySetFreshness.refreshPercents) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        report: @escaping @Sendable (Report) -> Void = { _ in }
    ) {
        source = KeySetSource(url: url, client: client, algorithms: algorithms, timeout: timeout)
        self.jitter = jitter
        self.sleep = sleep
        self.report = report
    }

    deinit { refresh?.cancel() }

    /// Begins with what `other` holds of the same address, so that a gateway which takes the place of another one signs
    /// people in without a fetch, and while the endpoint is down.
    package func begin(with other: KeySetCache, now: Int64) async {
        guard other.source.url == source.url, other.source.algorithms == source.algorithms else { return }
        guard held == nil, let theirs = await other.held else { return }
        held = theirs
        report(.takenOver(fetchedAt: theirs.freshness.fetchedAt))
        refreshLater(in: max(theirs.freshness.refreshAfter - (now - theirs.freshness.fetchedAt), 0), now: now)
    }

    /// A usable set. Waits for a fetch only when there is none that is fresh, or none at all while the endpoint is
    /// known to be down. `now` in seconds since 1970.
    package func current(for origin: Origin, now: Int64) async throws(Unavailable) -> JWKSet {
        if let held, held.freshness.isFresh(now: now) {
            if held.freshness.wantsRefresh(now: now) { _ = startFetch(for: origin, now: now) }
            return held.set
        }
        let flight = startFetch(for: origin, now: now)
        let bridge = held.flatMap { $0.freshness.isUsableOnError(now: now) ? $0.set : nil }
        if let bridge, lastFailure != nil { return bridge }
        guard let flight else {
            guard let bridge else { throw lastFailure ?? .heldBack }
            return bridge
        }
        switch await flight.value {
        case .success(let set): return set
        case .failure(let failure):
            guard let bridge else { throw failure }
            return bridge
        }
    }

    /// The newest set there is, because a token named a key that `current` lacks; nil where there is nothing newer to
    /// be had: the endpoint was asked less than half a minute ago, or was asked for this very key lately.
    package func refetched(forUnknown keyID: UntrustedText?, from origin: Origin, now: Int64) async throws(Unavailable)
        -> JWKSet?
    {
        // Of many tokens under a new key some come here when the fetch for the first of them has just ended.
        if let keyID, let held, held.set.hasKey(keyID) { return held.set }
        if let keyID, let since = budgets[origin]?.unknown[keyID],
            isWithin(KeySetFreshness.unknownMemory, of: since, now)
        {
            return nil
        }
        if let underWay = flight, let keyID {
            // It may have been answered before the key was published.
            if case .success(let set) = await underWay.value, set.hasKey(keyID) { return set }
        }
        guard let flight = startFetch(for: origin, now: now) else {
            if let lastFailure { throw lastFailure }
            return nil
        }
        switch await flight.value {
        case .success(let set):
            if let keyID, !set.hasKey(keyID) { remember(unknown: keyID, for: origin, now: now) }
            return set
        case .failure(let failure): throw failure
        }
    }

    /// Whether a login could be judged at this moment without asking anybody: for readiness.
    package func isReady(now: Int64) -> Bool { held?.freshness.isUsableOnError(now: now) ?? false }

    /// Joins the fetch under way or starts one; nil when the last attempt was too recent.
    private func startFetch(for origin: Origin, now: Int64) -> Flight? {
        if let flight { return flight }
        // A fetch for a login serves calls as well, but not the other way round.
        let counted: [Origin] = origin == .exchange ? [.exchange] : [.exchange, .call]
        let attempts = counted.compactMap { budgets[$0]?.lastAttempt }
        guard !attempts.contains(where: { isWithin(KeySetFreshness.minimumInterval, of: $0, now) }) else { return nil }
        budgets[origin, default: Budget()].lastAttempt = now
        let task = Task { await self.fetch(now: now) }
        flight = task
        return task
    }

    private func fetch(now: Int64) async -> Result<JWKSet, Unavailable> {
        let answer = await source.fetch()
        flight = nil
        switch answer {
        case .success(let (set, cacheControl)):
            let freshness = KeySetFreshness(fetchedAt: now, cacheControl: cacheControl, refreshPercent: jitter())
            held = (set, freshness)
            lastFailure = nil
            report(.fetched(at: now))
            refreshLater(in: freshness.refreshAfter, now: now)
            return .success(set)
        case .failure(let failure):
            lastFailure = failure
            report(.failed(failure))
            if held != nil { refreshLater(in: KeySetFreshness.lifetimes.lowerBound, now: now) }
            return .failure(failure)
        }
    }

    private func refreshLater(in seconds: Int64, now: Int64) {
        refresh?.cancel()
        refresh = Task { [weak self, sleep] in
            guard (try? await sleep(.seconds(seconds))) != nil, !Task.isCancelled else { return }
            _ = await self?.startFetch(for: .exchange, now: now + seconds)
        }
    }

    private func remember(unknown keyID: UntrustedText, for origin: Origin, now: Int64) {
        var unknown = budgets[origin]?.unknown ?? [:]
        unknown = unknown.filter { isWithin(KeySetFreshness.unknownMemory, of: $0.value, now) }
        unknown[keyID] = now
        budgets[origin]?.unknown = unknown
    }

    /// In both directions: tasks bring slightly different times, and a clock that was set back must not hold back
    /// anything for as long as it was wrong.
    private func isWithin(_ seconds: Int64, of time: Int64, _ now: Int64) -> Bool {
        (now - time).magnitude < seconds.magnitude
    }
}

package import HTTP
package import JOSE
package import Untrusted

/// The issuer's public keys: fetched at the start or when first needed, refreshed before they expire, and used during an
/// outage. One fetch at a time, and at most one in 30 seconds for each origin of tokens.
package actor KeySetCache {
    /// Why there are no keys to check a token with.
    package enum Unavailable: Error, Sendable, Equatable {
        case client(HTTPClientError)
        case status(Int)
        case unusable(JWKSetRefusal)
        /// A set without a usable key must not replace a good one.
        case noUsableKey
        /// The last attempt was less than 30 seconds ago.
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

    /// Why a set is needed: the source of the token.
    package enum Origin: Sendable {
        /// No token yet: the gateway's start. Its fetches are counted apart, so that a failed one holds no login back.
        case start
        /// The token endpoint, over TLS.
        case exchange
        /// A request to this gateway, from an unknown sender until the token is verified.
        case call
    }

    /// Whether a login needs a fetch.
    package enum State: Sendable {
        case missing
        /// Older than its lifetime, because fetches fail. It is used for a day.
        case stale
        case fresh
    }

    /// The outcome of a fetch.
    package enum Report: Sendable {
        /// `at` in seconds since 1970.
        case fetched(at: Int64)
        case failed(Unavailable)
        /// The set of another cache, fetched at that time, is used from now on.
        case takenOver(fetchedAt: Int64)
    }

    /// The fetches of one origin.
    private struct Budget {
        var lastAttempt: Int64?
        /// Key ids that a fetch did not bring, and its time. At most one is added per fetch, so there are at most five.
        var unknown: [UntrustedText: Int64] = [:]
    }

    private typealias Flight = Task<Result<JWKSet, Unavailable>, Never>

    private let source: KeySetSource
    private let jitter: @Sendable () -> Int64
    private let sleep: @Sendable (Duration) async throws -> Void
    private let report: @Sendable (Report) -> Void
    private var held: (set: JWKSet, freshness: KeySetFreshness)?
    /// Separate, so that tokens from unknown senders cannot use up the fetch that a login needs after a key change.
    private var budgets: [Origin: Budget] = [:]
    /// Of the last attempt; nil after a success.
    private var lastFailure: Unavailable?
    private var flight: Flight?
    /// The next refresh, so that no login waits for a fetch after a quiet hour.
    private var refresh: Task<Void, Never>?
    /// Whether failed fetches are repeated before a token needs the set.
    private var isPrepared = false

    /// `algorithms`: a set without a key for any of them is not usable. `jitter`: the part of a set's lifetime before its
    /// refresh, in per cent, so that many gateways do not fetch at the same moment.
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

    /// Takes the set of `other`, a cache of the same address: after a reload of the configuration logins need no fetch and work
    /// during an outage.
    package func begin(with other: KeySetCache, now: Int64) async {
        guard other.source.url == source.url, other.source.algorithms == source.algorithms else { return }
        guard held == nil, let theirs = await other.held else { return }
        held = theirs
        report(.takenOver(fetchedAt: theirs.freshness.fetchedAt))
        refreshLater(in: max(theirs.freshness.refreshAfter - (now - theirs.freshness.fetchedAt), 0), now: now)
    }

    /// Fetches the set before a token needs it, and again each minute until there is one. Returns after the first attempt.
    /// `now` in seconds since 1970.
    package func prepare(now: Int64) async {
        isPrepared = true
        guard held == nil else { return }
        _ = await startFetch(for: .start, now: now)?.value
    }

    /// A usable set. Waits for a fetch only where there is no fresh set, or during a known outage no set at all. `now` in
    /// seconds since 1970.
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

    /// The newest set, for a token that names a key that `current` lacks. Nil where a fetch is not allowed: the last one, or the
    /// last one for this key, is too recent.
    package func refetched(forUnknown keyID: UntrustedText?, from origin: Origin, now: Int64) async throws(Unavailable)
        -> JWKSet?
    {
        // The fetch for another token with the same new key may have just ended.
        if let keyID, let held, held.set.hasKey(keyID) { return held.set }
        if let keyID, let since = budgets[origin]?.unknown[keyID],
            KeySetFreshness.isWithin(KeySetFreshness.unknownMemory, of: since, now)
        {
            return nil
        }
        if let underWay = flight, let keyID {
            // Its response may be older than the key.
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

    /// For readiness.
    package func state(now: Int64) -> State {
        guard let held, held.freshness.isUsableOnError(now: now) else { return .missing }
        return held.freshness.isFresh(now: now) ? .fresh : .stale
    }

    /// Joins a running fetch or starts one; nil where the last attempt is too recent.
    private func startFetch(for origin: Origin, now: Int64) -> Flight? {
        if let flight { return flight }
        // A fetch for a login serves calls as well, but not the other way round.
        let counted: [Origin] = origin == .call ? [.exchange, .call] : [origin]
        let attempts = counted.compactMap { budgets[$0]?.lastAttempt }
        guard !attempts.contains(where: { KeySetFreshness.isWithin(KeySetFreshness.minimumInterval, of: $0, now) })
        else { return nil }
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
            if held != nil || isPrepared { refreshLater(in: KeySetFreshness.lifetimes.lowerBound, now: now) }
            return .failure(failure)
        }
    }

    private func refreshLater(in seconds: Int64, now: Int64) {
        refresh?.cancel()
        // Detached: a refresh must not belong to the request that made the last fetch, nor have its trace.
        refresh = Task.detached { [weak self, sleep] in
            guard (try? await sleep(.seconds(seconds))) != nil, !Task.isCancelled else { return }
            await self?.refreshNow(now + seconds)
        }
    }

    private func refreshNow(_ now: Int64) { _ = startFetch(for: held == nil ? .start : .exchange, now: now) }

    private func remember(unknown keyID: UntrustedText, for origin: Origin, now: Int64) {
        var unknown = budgets[origin]?.unknown ?? [:]
        unknown = unknown.filter { KeySetFreshness.isWithin(KeySetFreshness.unknownMemory, of: $0.value, now) }
        unknown[keyID] = now
        budgets[origin]?.unknown = unknown
    }
}

package import HTTP
package import JOSE

/// The issuer's public keys: fetched when first needed, refreshed ahead of time, used on while the endpoint is down,
/// one fetch at a time.
package actor KeySetCache {
    /// Why there are no keys to judge a token by.
    package enum Unavailable: Error, Sendable, Equatable {
        case client(HTTPClientError)
        case status(Int)
        case unusable(JWKSetRefusal)
        /// A set without one key that we could use must not take the place of a good one.
        case noUsableKey
        /// An earlier attempt failed less than half a minute ago; nothing is asked until then.
        case heldBack
    }

    private let url: String
    private let client: any HTTPClient
    private let timeout: Duration
    private var held: (set: JWKSet, freshness: KeySetFreshness)?
    private var lastAttempt: Int64?
    private var lastFailure: Unavailable?
    private var flight: Task<Result<JWKSet, Unavailable>, Never>?

    package init(url: String, client: any HTTPClient, timeout: Duration = .seconds(5)) {
        self.url = url
        self.client = client
        self.timeout = timeout
    }

    /// A usable set. Waits for a fetch only when there is no fresh one. `now` in seconds since 1970.
    package func current(now: Int64) async throws(Unavailable) -> JWKSet {
        if let held, held.freshness.isFresh(now: now) {
            if held.freshness.wantsRefresh(now: now) { _ = startFetch(now: now) }
            return held.set
        }
        switch await fetched(now: now) {
        case .success(let set): return set
        case .failure(let failure):
            guard let held, held.freshness.isUsableOnError(now: now) else { throw failure }
            return held.set
        }
    }

    /// The newest set there is, because a token named a key that the caller's one lacks. It is the caller's own where
    /// nothing newer is to be had, which includes having asked less than half a minute ago; nil where there is none.
    package func refetchedForUnknownKey(now: Int64) async -> JWKSet? {
        if case .success(let set) = await fetched(now: now) { return set }
        // Of many tokens under a new key some come here when the fetch for the first of them has just ended.
        return held?.set
    }

    /// Whether a login could be judged at this moment without asking anybody: for readiness.
    package func isReady(now: Int64) -> Bool { held?.freshness.isUsableOnError(now: now) ?? false }

    private func fetched(now: Int64) async -> Result<JWKSet, Unavailable> {
        guard let flight = startFetch(now: now) else { return .failure(lastFailure ?? .heldBack) }
        return await flight.value
    }

    /// Joins the fetch under way or starts one; nil when the last attempt was too recent.
    private func startFetch(now: Int64) -> Task<Result<JWKSet, Unavailable>, Never>? {
        if let flight { return flight }
        if let lastAttempt, now < lastAttempt + KeySetFreshness.minimumInterval { return nil }
        lastAttempt = now
        let task = Task { await self.fetch(now: now) }
        flight = task
        return task
    }

    private func fetch(now: Int64) async -> Result<JWKSet, Unavailable> {
        let result = await request()
        flight = nil
        switch result {
        case .success(let (set, cacheControl)):
            held = (set, KeySetFreshness(fetchedAt: now, cacheControl: cacheControl))
            lastFailure = nil
            return .success(set)
        case .failure(let failure):
            lastFailure = failure
            return .failure(failure)
        }
    }

    private func request() async -> Result<(JWKSet, String?), Unavailable> {
        let request = HTTPClientRequest(.get, url, headers: ["Accept": "application/json"], timeout: timeout)
        do {
            let response = try await client.send(request)
            guard response.status == .ok else { return .failure(.status(response.status.rawValue)) }
            do {
                let set = try JWKSet(parsing: response.body)
                return set.keys.isEmpty ? .failure(.noUsableKey) : .success((set, response.headers["Cache-Control"]))
            } catch {
                return .failure(.unusable(error))
            }
        } catch {
            return .failure(.client(error))
        }
    }
}

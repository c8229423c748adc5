package import HTTP
package import Untrusted

/// An issuer's metadata: fetched when a login first needs it, refreshed in the background, and used during an outage for as long
/// as the issuer's keys are. One fetch at a time, and at most one in 30 seconds.
package actor ProviderMetadataCache {
    /// Why there is no metadata.
    package enum Unavailable: Error, Sendable, Equatable {
        case client(HTTPClientError)
        case status(Int)
        case refused(ProviderMetadata.Refusal)
        /// The last attempt was less than 30 seconds ago.
        case heldBack

        /// A stable word for logs.
        package var reason: String {
            switch self {
            case .client(.timedOut): "timed_out"
            case .client(.tlsRefused): "tls"
            case .client: "unreachable"
            case .status: "status"
            case .refused(let refusal): refusal.reason
            case .heldBack: "held_back"
            }
        }
    }

    private typealias Flight = Task<Result<ProviderMetadata, Unavailable>, Never>

    private let source: ProviderMetadataSource
    private var held: (metadata: ProviderMetadata, freshness: KeySetFreshness)?
    private var flight: Flight?
    private var lastAttempt: Int64?
    /// Of the last attempt; nil after a success.
    private var lastFailure: Unavailable?

    package init(issuer: String, client: any HTTPClient, timeout: Duration = .seconds(8)) {
        source = ProviderMetadataSource(issuer: issuer, client: client, timeout: timeout)
    }

    /// Takes the metadata of `other`, a cache of the same issuer: after a reload of the configuration logins need no fetch and
    /// work during an outage.
    package func begin(with other: ProviderMetadataCache) async {
        guard other.source.issuer == source.issuer, held == nil else { return }
        held = await other.held
    }

    /// Waits for a fetch only where there is no usable metadata. `now` in seconds since 1970.
    package func current(now: Int64) async throws(Unavailable) -> ProviderMetadata {
        let usable = held.flatMap { $0.freshness.isUsableOnError(now: now) ? $0 : nil }
        if let usable, !usable.freshness.wantsRefresh(now: now) { return usable.metadata }
        let flight = startFetch(now: now)
        if let usable { return usable.metadata }
        guard let flight else { throw lastFailure ?? .heldBack }
        return try await flight.value.get()
    }

    /// Joins a running fetch or starts one; nil where the last attempt is too recent.
    private func startFetch(now: Int64) -> Flight? {
        if let flight { return flight }
        if let lastAttempt, KeySetFreshness.isWithin(KeySetFreshness.minimumInterval, of: lastAttempt, now) {
            return nil
        }
        lastAttempt = now
        let task = Task { await self.fetch(now: now) }
        flight = task
        return task
    }

    private func fetch(now: Int64) async -> Result<ProviderMetadata, Unavailable> {
        let answer = await source.fetch()
        flight = nil
        switch answer {
        case .success(let (metadata, cacheControl)):
            held = (
                metadata,
                KeySetFreshness(
                    fetchedAt: now, cacheControl: cacheControl,
                    refreshPercent: KeySetFreshness.refreshPercents.lowerBound)
            )
            lastFailure = nil
            return .success(metadata)
        case .failure(let failure):
            lastFailure = failure
            return .failure(failure)
        }
    }
}

/// Fetches an issuer's metadata.
package struct ProviderMetadataSource: Sendable {
    let issuer: String
    let client: any HTTPClient
    let timeout: Duration

    package init(issuer: String, client: any HTTPClient, timeout: Duration) {
        self.issuer = issuer
        self.client = client
        self.timeout = timeout
    }

    /// The metadata and its `Cache-Control`.
    package func fetch() async -> Result<(ProviderMetadata, UntrustedText?), ProviderMetadataCache.Unavailable> {
        let request = HTTPClientRequest(
            .get, ProviderMetadata.address(of: issuer), headers: ["Accept": "application/json"], timeout: timeout)
        let response: HTTPClientResponse
        do { response = try await client.send(request) } catch { return .failure(.client(error)) }
        guard response.status == .ok else { return .failure(.status(response.status.rawValue)) }
        do {
            let metadata = try ProviderMetadata(parsing: response.body, issuer: issuer)
            return .success((metadata, response.headers["Cache-Control"].map { UntrustedText($0) }))
        } catch {
            return .failure(.refused(error))
        }
    }
}

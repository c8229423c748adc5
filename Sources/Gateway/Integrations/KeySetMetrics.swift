import Locking
import Marketplace

/// Counts the fetches of one integration's keys and knows how old its keys are.
struct KeySetMetrics: Sendable {
    private let integration: String
    private let fetches: CrossedCounter
    private let ages: KeySetAges

    init(_ integration: String, _ ages: KeySetAges, _ metrics: Metrics) {
        self.integration = integration
        self.ages = ages
        fetches = metrics.counter(
            "keys_fetches_total", "Fetches of the marketplace's keys by outcome.", labels: ("integration", "outcome"),
            values: ([integration], ["fetched"] + KeySetCache.Unavailable.reasons))
    }

    @Sendable func take(_ report: KeySetCache.Report) {
        switch report {
        case .fetched(let time):
            fetches.count(integration, "fetched")
            ages.set(integration, fetchedAt: time)
        case .takenOver(let time): ages.set(integration, fetchedAt: time)
        case .failed(let failure): fetches.count(integration, failure.reason)
        }
    }
}

/// When each integration's keys were fetched.
final class KeySetAges: Sendable {
    private let times = Locked([String: Int64]())

    init(_ observability: Observability) {
        let (times, clock) = (times, observability.clock)
        observability.metrics.read(
            "keys_age_seconds", "Age of the marketplace's keys; no series before the first fetch."
        ) {
            let now = clock.unixSeconds()
            return times.withLock { $0 }.sorted { $0.key < $1.key }.map {
                .init(Double(now - $0.value), labels: [("integration", $0.key)])
            }
        }
    }

    /// `fetchedAt` in seconds since 1970.
    func set(_ integration: String, fetchedAt: Int64) { times.withLock { $0[integration] = fetchedAt } }
}

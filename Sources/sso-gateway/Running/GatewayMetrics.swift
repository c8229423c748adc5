import Gateway
import Locking
import MicroHTTPServer

/// Metrics of the running program: which version, how many event loops, and how its reloads went.
struct GatewayMetrics: Sendable {
    private struct Reloads {
        var succeeded = 0
        var refused = 0
        /// When the configuration in use was loaded. In seconds since 1970.
        var loadedAt: Int64
        var wasLastRefused = false
    }

    private let reloads: Locked<Reloads>
    private let clock: Clock

    init(_ observability: Observability, eventLoops: Int) {
        let reloads = Locked(Reloads(loadedAt: observability.clock.unixSeconds()))
        self.reloads = reloads
        clock = observability.clock
        let metrics = observability.metrics
        metrics.read("build_info", "Versions of the gateway and its libraries; always 1.") {
            [.init(1, labels: Versions.all.map { ($0.name == "sso-gateway" ? "version" : $0.name, $0.version) })]
        }
        metrics.read("event_loops", "Event loops of the public listener.") { [.init(Double(eventLoops))] }
        metrics.read("configuration_reloads_total", "Reloads of the configuration by outcome.", .counter) {
            let state = reloads.withLock { $0 }
            return [
                .init(Double(state.succeeded), labels: [("outcome", "succeeded")]),
                .init(Double(state.refused), labels: [("outcome", "refused")]),
            ]
        }
        metrics.read(
            "configuration_last_reload_successful", "Whether the last reload succeeded (1) or was refused (0)."
        ) {
            [.init(reloads.withLock { $0.wasLastRefused } ? 0 : 1)]
        }
        metrics.read(
            "configuration_loaded_timestamp_seconds",
            "When the configuration in use was loaded, in seconds since 1970."
        ) {
            [.init(Double(reloads.withLock { $0.loadedAt }))]
        }
        ProcessMetrics.register(in: metrics)
    }

    /// `listeners`: name and listener; nil for one that is not open.
    static func registerConnections(of listeners: [(name: String, listener: MicroHTTPServer?)], in metrics: Metrics) {
        func register(_ name: String, _ help: String, _ value: @escaping @Sendable (MicroHTTPServer) -> Int) {
            metrics.read(name, help) {
                listeners.compactMap { name, listener in
                    listener.map { .init(Double(value($0)), labels: [("listener", name)]) }
                }
            }
        }
        register("connections", "Open connections by listener.") { $0.openConnections }
        register("connections_limit", "Most open connections by listener.") { $0.maximumConnections }
    }

    func count(_ outcome: ReloadOutcome) {
        let now = clock.unixSeconds()
        reloads.withLock { reloads in
            switch outcome {
            case .reloaded:
                reloads.succeeded += 1
                (reloads.loadedAt, reloads.wasLastRefused) = (now, false)
            case .refused:
                reloads.refused += 1
                reloads.wasLastRefused = true
            }
        }
    }
}

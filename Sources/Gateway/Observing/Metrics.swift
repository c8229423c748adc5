import HTTP
import Locking

/// The gateway's metrics. Each feature registers its own; registering a name again returns the same metric. Labels come
/// from closed sets: a user or a path as a label would let the number of series grow without bound.
package final class Metrics: Sendable {
    private enum Metric: Sendable {
        case counter(Counter)
        case labelled(LabelledCounter, label: String)
        case crossed(CrossedCounter, labels: (String, String))
        case histogram(Histogram)
        case read(MetricType, @Sendable () -> [Reading])
    }

    package enum MetricType: String, Sendable { case counter, gauge }

    /// One series of a metric that is read at each scrape.
    package struct Reading: Sendable {
        let labels: [(name: String, value: String)]
        let value: Double

        package init(_ value: Double, labels: [(name: String, value: String)] = []) {
            self.value = value
            self.labels = labels
        }
    }

    private let metrics = Locked<[String: (help: String, metric: Metric)]>([:])

    package init() { _ = logLinesDropped }

    package func counter(_ name: String, _ help: String) -> Counter {
        guard case .counter(let counter) = registered(name, help, .counter(Counter())) else { Self.differs(name) }
        return counter
    }

    /// One counter for each of `values`.
    func counter(_ name: String, _ help: String, label: String, values: [String]) -> LabelledCounter {
        let fresh = Metric.labelled(LabelledCounter(values), label: label)
        guard case .labelled(let counter, _) = registered(name, help, fresh) else { Self.differs(name) }
        return counter
    }

    /// One counter for each pair of values.
    func counter(
        _ name: String, _ help: String, labels: (String, String), values: (first: [String], second: [String])
    ) -> CrossedCounter {
        let fresh = Metric.crossed(CrossedCounter(values.first, values.second), labels: labels)
        guard case .crossed(let counter, _) = registered(name, help, fresh) else { Self.differs(name) }
        // A reload may bring an integration that the first registration did not have.
        counter.add(values.first)
        return counter
    }

    /// A metric whose values `read` returns at each scrape. Registering it again replaces `read`.
    package func read(
        _ name: String, _ help: String, _ type: MetricType = .gauge, _ read: @escaping @Sendable () -> [Reading]
    ) {
        metrics.withLock { $0[name] = (help, .read(type, read)) }
    }

    /// `bounds` in nanoseconds.
    func histogram(_ name: String, _ help: String, bounds: [UInt64]) -> Histogram {
        guard case .histogram(let histogram) = registered(name, help, .histogram(Histogram(bounds: bounds))) else {
            Self.differs(name)
        }
        return histogram
    }

    private func registered(_ name: String, _ help: String, _ fresh: Metric) -> Metric {
        metrics.withLock { metrics in
            if let known = metrics[name] { return known.metric }
            metrics[name] = (help, fresh)
            return fresh
        }
    }

    private static func differs(_ name: String) -> Never { preconditionFailure("\(name) is another kind of metric") }

    /// Everything in Prometheus' text format 0.0.4
    /// (<https://prometheus.io/docs/instrumenting/exposition_formats/>), in the order of the names.
    package var exposition: String {
        let families = metrics.withLock { $0 }.sorted { $0.key < $1.key }
        return families.map { Self.text(Self.fullName($0.key), $0.value.help, $0.value.metric) }.joined()
    }

    /// Metrics of the process have the names that every Prometheus client library gives them.
    private static func fullName(_ name: String) -> String {
        name.hasPrefix("process_") ? name : "sso_gateway_" + name
    }

    private static func text(_ name: String, _ help: String, _ metric: Metric) -> String {
        let type =
            switch metric {
            case .histogram: "histogram"
            case .read(let type, _): type.rawValue
            default: "counter"
            }
        return "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n" + rows(name, metric).map { $0 + "\n" }.joined()
    }

    private static func rows(_ name: String, _ metric: Metric) -> [String] {
        switch metric {
        case .counter(let counter): return ["\(name) \(counter.current)"]
        case .labelled(let counter, let label):
            return counter.labels.map { "\(name){\(label)=\"\($0)\"} \(counter.current($0))" }
        case .crossed(let counter, let labels):
            return counter.rows.flatMap { first, row in
                row.labels.map {
                    "\(name){\(labels.0)=\"\(first)\",\(labels.1)=\"\($0)\"} \(row.current($0))"
                }
            }
        case .read(_, let read):
            return read().map { reading in
                let labels = reading.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
                return "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(text(reading.value))"
            }
        case .histogram(let histogram):
            let counts = histogram.cumulative
            let buckets = zip(histogram.bounds, counts).map { bound, count in
                "\(name)_bucket{le=\"\(Double(bound) / 1e9)\"} \(count)"
            }
            let total = counts.last ?? 0
            return buckets + [
                "\(name)_bucket{le=\"+Inf\"} \(total)", "\(name)_sum \(Double(histogram.sumOfNanoseconds) / 1e9)",
                "\(name)_count \(total)",
            ]
        }
    }
}

extension Metrics {
    private static func text(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Counted by the log writer.
    package var logLinesDropped: Counter {
        counter("log_lines_dropped_total", "Lines of the log that could not be written.")
    }

    /// Counted by the public listener and by the broker's.
    var requestsMalformed: LabelledCounter {
        counter(
            "requests_malformed_total", "Requests that the listener itself refused.", label: "reason",
            values: MalformedRequest.Reason.allCases.map(\.rawValue))
    }

    /// Counted at each address that has a limit.
    var limitedRequests: LabelledCounter {
        counter(
            "limited_requests_total", "Requests that were refused because a limit was reached.", label: "endpoint",
            values: ["login", "broker", "start", "oidc", "confirmation", "webhook", "installation_call"])
    }

    /// Bounds for calls to the marketplace. In nanoseconds.
    static let outbound: [UInt64] = [10, 50, 100, 250, 500, 1000, 2500, 5000, 8000].map { $0 * 1_000_000 }
}

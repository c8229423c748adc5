import HTTP

/// What the gateway counts. Labels come from closed sets: no user, no path, nothing that grows.
package struct Metrics: Sendable {
    let logins = LabelledCounter(
        ["succeeded", "repeated", "restarted", "asked", "declined"] + LoginFailure.allCases.map(\.rawValue))
    let decisions = LabelledCounter(Decide.Outcome.allCases.map(\.label))
    let requestsMalformed = LabelledCounter(MalformedRequest.Reason.allCases.map(\.rawValue))
    let webhooks = LabelledCounter(ReceiveWebhook.Outcome.allCases.map(\.rawValue))
    let installationCalls = LabelledCounter(AnswerInstallationCall.Outcome.allCases.map(\.rawValue))
    let signOuts = Counter()
    let tokenFetches = LabelledCounter(["granted", "failed"])
    let storeFailures = Counter()
    let memberLookupsUnavailable = Counter()
    let accountLookupsUnavailable = Counter()
    let deepLinkValuesIgnored = Counter()
    /// Counted by whoever writes the log.
    package let logLinesDropped = Counter()
    let decision = Histogram(bounds: [5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000, 10_000_000])
    let exchange = Histogram(bounds: Self.outbound)
    let memberLookup = Histogram(bounds: Self.outbound)

    private static let outbound: [UInt64] = [10, 50, 100, 250, 500, 1000, 2500, 5000, 8000].map { $0 * 1_000_000 }

    package init() {}

    /// Everything in Prometheus' text format 0.0.4
    /// (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
    package var exposition: String {
        var text = ""
        text += Self.family("logins_total", "Logins by outcome.", logins, label: "outcome")
        text += Self.family("decisions_total", "Decisions by outcome.", decisions, label: "outcome")
        text += Self.family(
            "requests_malformed_total", "Requests that the listener itself refused.", requestsMalformed, label: "reason"
        )
        text += Self.family("webhooks_total", "Webhooks by outcome.", webhooks, label: "outcome")
        text += Self.family(
            "installation_calls_total", "The marketplace's calls about installations by outcome.", installationCalls,
            label: "outcome")
        text += Self.plain("sign_outs_total", "Sessions ended by their owner.", signOuts)
        text += Self.family(
            "token_fetches_total", "Installation tokens asked for with client credentials.", tokenFetches,
            label: "outcome")
        text += Self.plain(
            "store_failures_total", "Calls of the store that failed.", storeFailures)
        text += Self.plain(
            "member_lookups_unavailable_total", "Member look-ups without a usable answer.", memberLookupsUnavailable)
        text += Self.plain(
            "account_lookups_unavailable_total", "Account look-ups without a usable answer.",
            accountLookupsUnavailable)
        text += Self.plain(
            "deep_link_values_ignored_total", "Deep-link values that were passed over.", deepLinkValuesIgnored)
        text += Self.plain(
            "log_lines_dropped_total", "Lines of the log that could not be written.", logLinesDropped)
        text += Self.histogram("decision_seconds", "Time to decide.", decision)
        text += Self.histogram("exchange_seconds", "Time for code exchange and token check.", exchange)
        text += Self.histogram("member_lookup_seconds", "Time for a member look-up.", memberLookup)
        return text
    }

    private static func header(_ name: String, _ help: String, _ type: String) -> String {
        "# HELP sso_gateway_\(name) \(help)\n# TYPE sso_gateway_\(name) \(type)\n"
    }

    private static func family(_ name: String, _ help: String, _ counter: LabelledCounter, label: String) -> String {
        header(name, help, "counter")
            + counter.labels.map { "sso_gateway_\(name){\(label)=\"\($0)\"} \(counter.current($0))\n" }.joined()
    }

    private static func plain(_ name: String, _ help: String, _ counter: Counter) -> String {
        header(name, help, "counter") + "sso_gateway_\(name) \(counter.current)\n"
    }

    private static func histogram(_ name: String, _ help: String, _ histogram: Histogram) -> String {
        let counts = histogram.cumulative
        let rows = zip(histogram.bounds, counts).map { bound, count in
            "sso_gateway_\(name)_bucket{le=\"\(Double(bound) / 1e9)\"} \(count)\n"
        }
        return header(name, help, "histogram") + rows.joined()
            + "sso_gateway_\(name)_bucket{le=\"+Inf\"} \(counts.last ?? 0)\n"
            + "sso_gateway_\(name)_sum \(Double(histogram.sumOfNanoseconds) / 1e9)\n"
            + "sso_gateway_\(name)_count \(counts.last ?? 0)\n"
    }
}

package import HTTP
import JOSE
import Marketplace
import Untrusted

/// The admin listener: liveness, readiness, metrics, and the operations of operators.
package struct AdminEndpoints: HTTPHandler {
    /// Who may use an address; see `AdminAccess`.
    private enum Audience { case everyone, reader, scraper, administrator }

    private let access: AdminAccess
    private let observability: Observability
    private let rows: [(audience: Audience, route: Route)]

    init(
        ready: ReadyReport, reload: ReloadConfiguration, revoke: RevokeSessions, installations: InstallationEndpoints,
        guarding access: AdminAccess, _ observability: Observability
    ) {
        let metrics = observability.metrics
        self.observability = observability
        let exposition = "text/plain; version=0.0.4; charset=utf-8"
        self.access = access
        rows =
            [
                (.everyone, Route(.exactly("/ping"), [.get]) { _ in .now(Self.plain("pong\n")) }),
                (.reader, Route(.exactly("/ready"), [.get]) { context in .later { await ready.answer(context) } }),
                (
                    .scraper,
                    Route(.exactly("/metrics"), [.get]) { _ in .now(Self.plain(metrics.exposition, type: exposition)) }
                ),
                (.administrator, reload.route), (.administrator, revoke.route),
            ] + installations.routes.map { (.administrator, $0) }
    }

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        let context = observability.context(for: request)
        let found = rows.first { $0.route.matches(request.target) }
        // Before everything else: a web page must not even learn which addresses exist.
        if let refusal = refusal(context, found?.audience ?? .reader) { return .now(refusal) }
        guard let route = found?.route else {
            return .now(JSONReply.error(.notFound, "not_found", "There is nothing at this address.", context.id))
        }
        return route.permits(request.method) ? route.answer(context) : .now(route.otherMethod(context.id))
    }

    private func refusal(_ context: RequestContext, _ audience: Audience) -> HTTPResponse? {
        switch audience {
        case .everyone: nil
        case .reader: access.refusalToRead(context)
        case .scraper: access.refusalToScrape(context)
        case .administrator: access.refusalToAdminister(context)
        }
    }

    private static func plain(_ text: String, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
        HTTPResponse(.ok, headers: ["Content-Type": type, "Cache-Control": "no-store"], text: text)
    }
}

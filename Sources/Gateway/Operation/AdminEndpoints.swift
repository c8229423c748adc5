package import HTTP
import Marketplace

/// The admin listener: is it alive, can it serve, what has it counted.
package struct AdminEndpoints: HTTPHandler {
    static let paths = ["/ping", "/ready", "/metrics"]

    let integrations: [Integration]
    let access: LiveStore
    let metrics: Metrics
    let clock: Clock
    /// Versions worth knowing, for `/ready`.
    let versions: [(name: String, version: String)]

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        guard Self.paths.contains(request.target.path) else {
            return .now(JSONReply.error(.notFound, "not_found", "There is nothing at this address.", .next()))
        }
        guard request.method == .get || request.method == .head else {
            var response = JSONReply.error(.methodNotAllowed, "method", "Only GET and HEAD.", .next())
            response.headers.append("Allow", "GET, HEAD")
            return .now(response)
        }
        switch request.target.path {
        case "/ping": return .now(Self.plain("pong\n"))
        case "/metrics": return .now(Self.plain(metrics.exposition, type: "text/plain; version=0.0.4; charset=utf-8"))
        default: return .later { await ready() }
        }
    }

    /// 200 either way: without the marketplace's keys existing sessions are still served, so nobody should take the
    /// gateway out of rotation for that; `status` says `degraded`.
    private func ready() async -> HTTPResponse {
        let now = clock.unixSeconds()
        var rows: [String] = []
        let isStoreCurrent = access.isCurrent
        var isDegraded = !isStoreCurrent
        for integration in integrations {
            let hasKeys = await integration.keys.isReady(now: now)
            isDegraded = isDegraded || !hasKeys
            rows.append("\(JSONReply.quoted(integration.name)):{\"keys\":\"\(hasKeys ? "held" : "not fetched")\"}")
        }
        let told = versions.map { "\(JSONReply.quoted($0.name)):\(JSONReply.quoted($0.version))" }
        return JSONReply.ok(
            "{\"status\":\"\(isDegraded ? "degraded" : "ready")\",\"integrations\":{\(rows.joined(separator: ","))},"
                + "\"store\":\"\(isStoreCurrent ? "current" : "not answering")\","
                + "\"versions\":{\(told.joined(separator: ","))}}")
    }

    private static func plain(_ text: String, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
        HTTPResponse(.ok, headers: ["Content-Type": type, "Cache-Control": "no-store"], text: text)
    }
}

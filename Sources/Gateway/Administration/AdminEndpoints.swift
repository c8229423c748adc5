package import HTTP
import Marketplace
import Untrusted

/// The admin listener: is it alive, can it serve, what has it counted; and what operators change.
package struct AdminEndpoints: HTTPHandler {
    /// Who may ask there; see `AdminAccess`.
    private enum Audience { case everyone, reader, administrator }

    private let access: AdminAccess
    private let routes: [UntrustedText: (audience: Audience, route: Route)]
    /// What answers for all paths below `InstallationEndpoints.path`.
    private let oneInstallation: Route

    init(
        ready: ReadyReport, revoke: RevokeSessions, installations: InstallationEndpoints,
        guarding access: AdminAccess, metrics: Metrics
    ) {
        let exposition = "text/plain; version=0.0.4; charset=utf-8"
        self.access = access
        routes = [
            "/ping": (.everyone, .init(methods: [.get]) { _, _ in .now(Self.plain("pong\n")) }),
            "/ready": (.reader, .init(methods: [.get]) { _, _ in .later { await ready.answer() } }),
            "/metrics": (
                .administrator,
                .init(methods: [.get]) { _, _ in .now(Self.plain(metrics.exposition, type: exposition)) }
            ),
            UntrustedText(RevokeSessions.path): (.administrator, .init(methods: [.post], answer: revoke.answer)),
            UntrustedText(InstallationEndpoints.path): (
                .administrator, .init(methods: [.get], answer: installations.list)
            ),
        ]
        oneInstallation = .init(methods: [.get, .put, .delete, .post], answer: installations.one)
    }

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        let id = RequestID.next()
        let isBelow = request.target.rawPath.hasPrefix(InstallationEndpoints.path + "/")
        let found = isBelow ? (.administrator, oneInstallation) : routes[request.target.path]
        // Before everything else, so that not even "there is nothing" is said to a page.
        if let refusal = refusal(request, found?.audience ?? .reader, id) { return .now(refusal) }
        guard let route = found?.route else {
            return .now(JSONReply.error(.notFound, "not_found", "There is nothing at this address.", id))
        }
        return route.permits(request.method) ? route.answer(request, id) : .now(route.otherMethod(id))
    }

    private func refusal(_ request: HTTPRequest, _ audience: Audience, _ id: RequestID) -> HTTPResponse? {
        switch audience {
        case .everyone: nil
        case .reader: access.refusalToRead(request, id)
        case .administrator: access.refusalToChange(request, id)
        }
    }

    private static func plain(_ text: String, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
        HTTPResponse(.ok, headers: ["Content-Type": type, "Cache-Control": "no-store"], text: text)
    }
}

/// `GET /ready`.
struct ReadyReport: Sendable {
    let integrations: [Integration]
    let access: LiveStore
    /// Nil where no process is looked after.
    let descriptors: DescriptorHealth?
    let clock: Clock
    /// Worth knowing beside the rest.
    let versions: [(name: String, version: String)]

    /// 200 either way: without the marketplace's keys existing sessions are still served, so nobody should take the
    /// gateway out of rotation for that; `status` says `degraded`.
    func answer() async -> HTTPResponse {
        let now = clock.unixSeconds()
        var rows: [String] = []
        let isStoreCurrent = access.isCurrent
        let hasDescriptors = descriptors?.isWell ?? true
        var isDegraded = !isStoreCurrent || !hasDescriptors
        for integration in integrations {
            let hasKeys = await integration.keys.isReady(now: now)
            isDegraded = isDegraded || !hasKeys
            rows.append("\(JSONReply.quoted(integration.name)):{\"keys\":\"\(hasKeys ? "held" : "not fetched")\"}")
        }
        let told = versions.map { "\(JSONReply.quoted($0.name)):\(JSONReply.quoted($0.version))" }
        return JSONReply.ok(
            "{\"status\":\"\(isDegraded ? "degraded" : "ready")\",\"integrations\":{\(rows.joined(separator: ","))},"
                + "\"store\":\"\(isStoreCurrent ? "current" : "not answering")\","
                + "\"descriptors\":\"\(hasDescriptors ? "enough" : "short")\","
                + "\"versions\":{\(told.joined(separator: ","))}}")
    }
}

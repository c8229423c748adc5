package import HTTP
import Marketplace
import Untrusted

/// The product, as one handler for each listener: the public one, the admin listener and the broker's. Sockets, clocks, files
/// and the environment are the executable's; a test can replace them.
package struct Gateway: HTTPHandler {
    package let admin: AdminEndpoints
    /// Nil where the configuration has none.
    package let broker: Broker?
    private let routes: RouteTable
    private let webhooks: Set<UntrustedText>
    private let integrations: [Integration]
    private let memory: LoginMemory
    private let limits: RequestLimits
    private let pages: PageRenderer
    private let observability: Observability

    /// `continuing`: the gateway that this one replaces, with the same store.
    package init(
        settings: GatewaySettings, keyRing: KeyRing, access: LiveStore, client: any HTTPClient,
        continuing other: Gateway? = nil, _ observability: Observability, brokerClient: (any HTTPClient)? = nil,
        adminAccess: AdminAccess = AdminAccess(token: nil),
        reload: @escaping @Sendable () async -> ReloadOutcome? = { nil }, process: ProcessHealth? = nil,
        versions: [(name: String, version: String)] = []
    ) {
        limits = other?.limits ?? RequestLimits()
        let parts = GatewayParts(
            settings: settings, keyRing: keyRing, access: access, client: client, continuing: other?.memory,
            limits: limits, observability)
        integrations = parts.integrations
        memory = parts.memory
        pages = parts.pages
        routes = RouteTable(parts.routes)
        admin = parts.administration(
            access: adminAccess, reload: reload, process: process, versions: versions)
        broker = parts.broker(client: brokerClient ?? client, continuing: other?.broker)
        webhooks = Set(settings.integrations.map { UntrustedText($0.webhookPath) })
        self.observability = observability
        // Operators find the metric before the first malformed request.
        _ = observability.metrics.requestsMalformed
    }

    /// Takes over the issuers' keys and metadata of the gateway that this one replaces. `now` in seconds since 1970.
    package func takeKeys(of other: Gateway, now: Int64) async {
        for integration in integrations {
            for known in other.integrations where known.name == integration.name {
                await integration.keys.begin(with: known.keys, now: now)
                if let ours = integration.oidc, let theirs = known.oidc {
                    await ours.metadata.begin(with: theirs.metadata)
                }
            }
        }
    }

    /// Fetches the issuers' keys before the first login needs them. Returns after one attempt for each; failed ones are
    /// logged, and repeated each minute.
    package func prepareKeys() async {
        await withTaskGroup(of: Void.self) { group in
            for integration in integrations {
                group.addTask { await integration.keys.prepare(now: observability.clock.unixSeconds()) }
            }
        }
    }

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        TraceContext.follow(request) { answerTraced(request) }
    }

    private func answerTraced(_ request: HTTPRequest) -> HTTPAnswer {
        let context = observability.context(for: request)
        if let answer = routes.answer(context) { return patient(answer) }
        let path = request.target.path
        if path.hasPrefix(Assets.prefix), request.method == .get || request.method == .head,
            let file = pages.assets.response(for: path)
        {
            return .now(file)
        }
        return .now(notFound(context))
    }

    private func notFound(_ context: RequestContext) -> HTTPResponse {
        guard Navigation.isForPerson(context.request.headers) else {
            return JSONReply.error(.notFound, "not_found", "There is nothing at this address.", context.id)
        }
        let page = Page(
            name: .notFound, status: .notFound, actions: [.link(.text(.openApp), to: "/", isPrimary: true)])
        return pages.response(page, context)
    }

    /// Limits the whole answer's time for the store, not each call's.
    private func patient(_ answer: HTTPAnswer) -> HTTPAnswer {
        guard case .later(let work) = answer else { return answer }
        return .later { await StorePatience.$current.withValue(StorePatience()) { await work() } }
    }

    /// Webhooks can be large; all other bodies have the listener's limit.
    package func bodyLimit(for request: HTTPRequest) -> Int? {
        request.method == .post && webhooks.contains(request.target.path) ? Webhook.maximumSize : nil
    }

    /// Envoy's decision request has the client's own method, which may be any.
    package func takesAnyMethod(_ request: HTTPRequest) -> Bool {
        request.target.rawPath.hasPrefix(ProxyDialect.envoy.endpoint + "/")
    }

    package func answer(malformed request: MalformedRequest) -> HTTPResponse {
        let id = observability.requestIDs.next()
        let dialect = ProxyDialect.all.first { request.rawPath.elementsEqual($0.endpoint.utf8) }
        observability.metrics.requestsMalformed.count(request.reason.rawValue)
        observability.log.record(.requestMalformed, id, ["reason": request.reason.rawValue])
        let page = Page(
            // A proxy turns other statuses than its dialect's refusal into an error.
            name: .requestMalformed, status: dialect?.refusal ?? request.status,
            values: [.detail: .code(request.reason.rawValue)],
            actions: [.link(.text(.openApp), to: "/", isPrimary: true)])
        return pages.response(page, id, .english)
    }
}

import HTTP
import JOSE
import Marketplace
import Untrusted

/// `GET /ready`: whether a load balancer should send requests here, and what an operator should look at.
struct ReadyReport: Sendable {
    /// Why the gateway is degraded. The manual lists these words.
    enum Reason: String, CaseIterable, Sendable {
        case draining, store
        case keysMissing = "keys_missing"
        case keysStale = "keys_stale"
        case marketplace, descriptors
        case oldLibrary = "old_library"
    }

    let integrations: [Integration]
    let access: LiveStore
    /// Nil where nothing watches the process.
    let process: ProcessHealth?
    let upstream: UpstreamHealth
    let versions: [(name: String, version: String)]

    /// 503 only while the gateway drains. A degraded gateway still serves existing sessions, so a load balancer must keep it in
    /// rotation.
    func answer(_ context: RequestContext) async -> HTTPResponse {
        var keys: [(name: UntrustedText, value: JSONValue)] = []
        let isStoreCurrent = access.isCurrent
        let hasDescriptors = process?.descriptors.isWell ?? true
        let isDraining = process?.drain.isDraining ?? false
        var reasons: Set<Reason> = []
        if isDraining { reasons.insert(.draining) }
        if !isStoreCurrent { reasons.insert(.store) }
        for integration in integrations {
            let state = await integration.keys.state(now: context.now)
            switch state {
            case .missing: reasons.insert(.keysMissing)
            case .stale: reasons.insert(.keysStale)
            case .fresh: break
            }
            keys.append(
                (
                    UntrustedText(integration.name),
                    .object(["keys": .string(state == .missing ? "not fetched" : "held")])
                ))
        }
        if upstream.isFailing(now: context.now) { reasons.insert(.marketplace) }
        if !hasDescriptors { reasons.insert(.descriptors) }
        if process?.hasOldLibrary ?? false { reasons.insert(.oldLibrary) }
        let body: JSONObject = [
            "status": .string(isDraining ? "draining" : reasons.isEmpty ? "ready" : "degraded"),
            "reasons": .array(Reason.allCases.filter(reasons.contains).map { .string($0.rawValue) }),
            "integrations": .object(JSONObject(keys)),
            "store": .string(isStoreCurrent ? "current" : "not answering"),
            "descriptors": .string(hasDescriptors ? "enough" : "short"),
            "versions": .object(JSONObject(versions.map { (UntrustedText($0.name), .string($0.version)) })),
        ]
        return JSONReply.ok(body, isDraining ? .serviceUnavailable : .ok)
    }
}

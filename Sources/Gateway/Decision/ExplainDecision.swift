import HTTP
package import Marketplace
import SecretMemory

/// Explains the decision about one request, for `sso-gateway explain`.
package struct ExplainDecision: Sendable {
    package struct Explanation: Sendable {
        package let request: OriginalRequest
        /// Nil without a valid session.
        package let member: (key: MemberKey, role: MemberRole)?
        /// The rules before the deciding one, each with the reason why it does not match.
        package let skipped: [(rule: String, mismatch: RuleTable.Rule.Mismatch)]
        /// The deciding rule, and the reading of the request under which it decides.
        package let decision: RuleTable.Decision
    }

    private let settings: DecisionSettings
    private let sessions: SessionKeeper

    init(_ settings: DecisionSettings, _ sessions: SessionKeeper) {
        self.settings = settings
        self.sessions = sessions
    }

    /// `url` is a path with its query on the public origin, or a whole `http(s)://` address. `cookie` is a `Cookie`
    /// header, or the session cookie's value alone.
    package func explain(method: String, url: String, cookie: String?, now: Int64)
        throws(OriginalRequest.Refusal) -> Explanation
    {
        let (host, target) = split(url)
        let request = try OriginalRequest(method: method, host: host, target: target)
        guard KnownHosts(settings).contains(request.hostBytes) else { throw .unknownHost }
        let session = cookie.flatMap { live($0, now: now) }
        let decision = settings.rules.decide(request, role: session?.role)
        return Explanation(
            request: request, member: session.map { ($0.member, $0.role) },
            skipped: settings.rules.skipped(decision, request).enumerated().map { (RuleTable.name($0), $1) },
            decision: decision)
    }

    private func split(_ url: String) -> (host: String, target: String) {
        guard let scheme = ["https://", "http://"].first(where: { url.hasPrefix($0) }) else {
            return (settings.publicOrigin.authority, url)
        }
        let rest = url.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let target = rest[end...]
        return (String(rest[..<end]), target.hasPrefix("/") ? String(target) : "/" + target)
    }

    private func live(_ cookie: String, now: Int64) -> Session? {
        let header =
            cookie.contains("=") ? cookie : GatewayCookies(origin: settings.publicOrigin).sessionName + "=" + cookie
        guard let root = try? RequestTarget(SecretBytes("/")) else { return nil }
        let request = HTTPRequest(
            method: .get, target: root, headers: ["Cookie": header], body: SecretBytes([]), peer: .unixSocket)
        return sessions.live(in: request, now: now)
    }
}

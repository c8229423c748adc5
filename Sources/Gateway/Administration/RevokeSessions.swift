import HTTP
import JOSE
import Marketplace
import Untrusted

/// `POST /admin/sessions/revoke`: JSON with `session`, with `installation`, with `installation` and `member`, or with
/// `"all": true`; beside `installation`, `integration` names one of several. The answer is sent after the revocation is
/// stored: from then on this gateway refuses the sessions, and gateways that share the store do so within a second.
struct RevokeSessions: Sendable {
    static let path = "/admin/sessions/revoke"

    let integrations: [String]
    let access: LiveStore
    let lifetimes: SessionLifetimes
    let log: EventLog

    /// What to revoke, and its name for the log and the answer.
    private typealias Scope = (kind: String, scopes: [Revocation.Scope])

    var route: Route { Route(.exactly(Self.path), [.post], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        guard let body = try? JSONObject(parsing: context.request.body), let scope = scope(of: body) else {
            return .now(
                JSONReply.error(
                    .badRequest, "scope",
                    "Send JSON with session, with installation, with installation and member, or with all: true.",
                    context.id))
        }
        return .later { await revoke(scope, context) }
    }

    private static let names = ["session", "member", "installation", "integration"]

    private func scope(of body: JSONObject) -> Scope? {
        var texts: [String: String] = [:]
        for member in body.members where member.name != "all" {
            guard let text = member.value.text, !text.isEmpty, text.count <= 128,
                let name = Self.names.first(where: member.name.equals)
            else { return nil }
            texts[name] = text.string
        }
        let named = texts["integration"].map { [$0] } ?? integrations
        guard named.allSatisfy(integrations.contains) else { return nil }
        func keys(_ installation: String) -> [InstallationKey] {
            named.map { InstallationKey(integration: $0, installationID: installation) }
        }
        switch (body["all"], texts["session"], texts["installation"], texts["member"]) {
        case (.bool(true)?, nil, nil, nil) where texts.isEmpty: return ("all", [.everything])
        case (nil, let session?, nil, nil) where texts.count == 1:
            return SessionID(text: session).map { ("session", [.session($0)]) }
        case (nil, nil, let installation?, nil):
            return ("installation", keys(installation).map { .installation($0) })
        case (nil, nil, let installation?, let member?):
            let members = named.map { MemberKey(integration: $0, installationID: installation, userID: member) }
            return ("member", members.map { .member($0) })
        default: return nil
        }
    }

    private func revoke(_ scope: Scope, _ context: RequestContext) async -> HTTPResponse {
        let revocations: [Revocation]
        do {
            revocations = try await access.revocations(of: scope.scopes, now: context.now, lifetimes: lifetimes)
            try await access.write(revocations.map { .revocation($0) })
        } catch {
            return JSONReply.error(
                .serviceUnavailable, "not_stored", "It could not be stored. Nothing changed.", context.id)
        }
        log.record(.sessionsRevoked, context.id, ["scope": scope.kind])
        let upTo = revocations.first?.issuedUpTo ?? context.now
        return JSONReply.ok(["revoked": .string(scope.kind), "issued_up_to": .integer(upTo)])
    }
}

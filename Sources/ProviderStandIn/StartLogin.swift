import HTTP
import JOSE
import SecretMemory
import Synchronization

/// Provider-initiated login: `GET /sso/integrations/{slug}[/{installation}]`. Mints a code for a member and sends the
/// browser on, the query copied through. The stand-in's own parameter `user` picks the member.
extension ProviderStandIn {
    func start(_ slug: String, _ installation: String?, _ request: HTTPRequest) -> HTTPResponse {
        guard let integration = settings.integrations.first(where: { $0.slug == slug }) else {
            return StandInReply.error(.notFound, "not_found", "No integration has this slug.")
        }
        guard let parameters = try? FormParameters(request.target.query) else {
            return StandInReply.error(.badRequest, "bad_request", "The query cannot be read.")
        }
        return send(integration, installation, parameters, dropping: ["user"])
    }

    func startByTeam(_ request: HTTPRequest) -> HTTPResponse {
        guard let parameters = try? FormParameters(request.target.query),
            case .one(let id) = parameters.lookUp("integrationConfigurationId"), let installation = id.exposedText,
            let integration = settings.integrations.first(where: { $0.installations.contains { $0.id == installation } }
            )
        else { return StandInReply.error(.notFound, "not_found", "No such installation.") }
        return send(
            integration, installation, parameters, dropping: ["user", "teamId", "integrationConfigurationId"])
    }

    /// A code and a state for a member: what a click on the dashboard makes.
    func mint(_ integration: StandInSettings.Integration, _ installation: String?, user: String?)
        -> (code: String, state: String)?
    {
        let chosen =
            installation.map { id in integration.installations.first { $0.id == id } }
            ?? integration.installations.first
        guard let chosen,
            let member = user.map({ id in chosen.members.first { $0.userID == id } }) ?? chosen.members.first
        else { return nil }
        let code = StandInState.random(24)
        let opaque = StandInState.random(16)
        let entry = StandInState.Code(
            clientID: integration.clientID, installationID: chosen.id, userID: member.userID, state: opaque,
            expires: now() + settings.codeLifetime)
        state.withLock { state in
            state.codes[code] = entry
            state.counters.codes += 1
            if state.codes.count > 100_000 { state.codes = state.codes.filter { $0.value.expires > now() } }
        }
        return (code, opaque)
    }

    private func send(
        _ integration: StandInSettings.Integration, _ installation: String?, _ parameters: FormParameters,
        dropping own: Set<String>
    ) -> HTTPResponse {
        var user: String?
        if case .one(let id) = parameters.lookUp("user") { user = id.exposedText }
        guard let (code, opaque) = mint(integration, installation, user: user) else {
            return StandInReply.error(.notFound, "not_found", "No such installation or member.")
        }
        let copied = parameters.pairs.filter { !own.contains($0.name) }.map { pair in
            "&\(PercentEncoding.encode(pair.name))=\(PercentEncoding.encode(pair.value.exposedText ?? ""))"
        }
        return StandInReply.redirect(
            "\(integration.redirectLoginURL)?mode=sso&code=\(code)&state=\(opaque)\(copied.joined())")
    }
}

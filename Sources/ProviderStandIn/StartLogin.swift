import HTTP
import Locking

/// Starts a login: from the marketplace's dashboard, or initiated by the provider. Makes a code for a member and redirects the
/// browser with the query. The stand-in's own parameter `user` selects the member.
extension ProviderStandIn {
    /// `GET /sso/integrations/{slug}[/{installation}]`
    func start(_ slug: String, _ installation: String?, _ request: HTTPRequest) -> HTTPResponse {
        guard let query = try? LoginQuery(request.target.query, reading: ["user"]) else { return unreadableQuery }
        guard let integration = settings.integrations.first(where: { $0.slug == slug }) else {
            return StandInReply.error(.notFound, "not_found", "No integration has this slug.")
        }
        return send(integration, installation, query)
    }

    /// `GET /api/marketplace/sso?teamId=…&integrationConfigurationId=…`: the installation decides, the team is ignored.
    func startByInstallation(_ request: HTTPRequest) -> HTTPResponse {
        let names: Set = ["user", "teamId", "integrationConfigurationId"]
        guard let query = try? LoginQuery(request.target.query, reading: names) else { return unreadableQuery }
        guard let id = query["integrationConfigurationId"] else {
            return StandInReply.error(.badRequest, "bad_request", "integrationConfigurationId is missing.")
        }
        guard let integration = settings.integrations.first(where: { $0.installations.contains { $0.id == id } }) else {
            return StandInReply.error(.notFound, "not_found", "No such installation.")
        }
        return send(integration, id, query)
    }

    /// A code and a state for a member. Nil where the installation or the member is unknown.
    func mint(_ integration: StandInSettings.Integration, _ installation: String?, user: String?)
        -> (code: String, state: String)?
    {
        guard let chosen = find(installation, in: integration), let member = Self.member(user, of: chosen) else {
            return nil
        }
        let (code, opaque, time) = (randomText(24), randomText(16), now())
        let grant = StandInState.Grant(
            clientID: integration.clientID, installationID: chosen.id, userID: member.userID)
        state.withLock { state in
            if state.codes.count >= StandInState.manyCodes { state.codes = state.codes.filter { $1.expires > time } }
            state.codes[code] = .init(grant: grant, state: opaque, expires: time + settings.codeLifetime)
            state.counters.codes += 1
        }
        return (code, opaque)
    }

    /// The first without an id.
    private static func member(_ id: String?, of installation: StandInSettings.Installation) -> StandInSettings.Member?
    {
        id.map { id in installation.members.first { $0.userID == id } } ?? installation.members.first
    }

    private func find(_ installation: String?, in integration: StandInSettings.Integration)
        -> StandInSettings.Installation?
    {
        guard let installation else { return integration.installations.first }
        return integration.installations.first { $0.id == installation }
    }

    private func send(_ integration: StandInSettings.Integration, _ installation: String?, _ query: LoginQuery)
        -> HTTPResponse
    {
        guard let chosen = find(installation, in: integration) else {
            return StandInReply.error(.notFound, "not_found", "No such installation.")
        }
        if let loginURL = integration.oidcLoginURL, let member = Self.member(query["user"], of: chosen) {
            return initiate(at: loginURL, integration, chosen, member, query)
        }
        guard let (code, opaque) = mint(integration, installation, user: query["user"]) else {
            return StandInReply.error(.forbidden, "forbidden", "This person has no access to the installation.")
        }
        let parameters = ["mode=sso", "code=\(code)", "state=\(opaque)"] + query.copied
        let separator = integration.redirectLoginURL.contains("?") ? "&" : "?"
        return StandInReply.redirect(
            integration.redirectLoginURL + separator + parameters.joined(separator: "&"))
    }

    private var unreadableQuery: HTTPResponse {
        StandInReply.error(.badRequest, "bad_request", "The query cannot be read.")
    }
}

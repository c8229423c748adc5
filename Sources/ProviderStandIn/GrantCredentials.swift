import HTTP
import JOSE
import Locking
import Untrusted

/// `POST /login/oauth/token`: the `client_credentials` grant. The marketplace has announced it without details; the stand-in
/// takes the installation as `installation_id`.
extension ProviderStandIn {
    func grantCredentials(_ request: HTTPRequest) -> HTTPResponse {
        state.withLock { $0.counters.tokenGrants += 1 }
        guard let fields = ReadFields.read(request), fields["grant_type"] == "client_credentials" else {
            return StandInReply.error(.badRequest, "unsupported_grant_type", "Only client_credentials is granted here.")
        }
        let integration = settings.integrations.first { $0.clientID == fields["client_id"] }
        guard let integration, integration.clientSecret == fields["client_secret"] else {
            return StandInReply.error(.unauthorized, "invalid_client", "Client id or secret is wrong.")
        }
        guard let id = fields["installation_id"], integration.installations.contains(where: { $0.id == id }) else {
            return StandInReply.error(.notFound, "not_found", "No such installation.")
        }
        return freshToken(of: id, type: "Bearer")
    }

    /// A new token; older ones stay valid.
    func freshToken(of installation: String, type: String) -> HTTPResponse {
        let token = StandInState.InstallationToken(
            text: randomText(24), expires: now() + settings.installationTokenLifetime)
        state.withLock { $0.installationTokens[installation, default: []].append(token) }
        return StandInReply.json(
            .ok,
            [
                "access_token": .string(token.text), "token_type": .string(type), "scope": .string("installation"),
                "expires_in": .integer(settings.installationTokenLifetime),
            ], headers: ["Cache-Control": "no-store"])
    }
}

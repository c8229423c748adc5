import HTTP
import JOSE
import Locking

/// `POST /v1/installations/{installation}/credentials/rotate` and `…/revoke`.
extension ProviderStandIn {
    /// A new token; older ones stay valid.
    func rotateCredentials(_ id: String, _ request: HTTPRequest) -> HTTPResponse {
        switch client(of: id, request) {
        case .failure(let refusal): return refusal.response
        case .success: break
        }
        return freshToken(of: id, type: "oauth2-token")
    }

    /// Revokes the token in the body, unless it is the last live one.
    func revokeCredentials(_ id: String, _ request: HTTPRequest) -> HTTPResponse {
        let fields: [String: String]
        switch client(of: id, request) {
        case .failure(let refusal): return refusal.response
        case .success(let read): fields = read
        }
        guard let token = fields["token"], !token.isEmpty else {
            return StandInReply.error(.badRequest, "bad_request", "token is missing.")
        }
        let time = now()
        return state.withLock { state in
            let live = state.installationTokens[id, default: []].filter { $0.isLive(at: time) }
            guard live.contains(where: { $0.text == token }) else {
                return StandInReply.error(.notFound, "not_found", "The token is unknown, revoked or expired.")
            }
            let remaining = live.filter { $0.text != token }
            guard !remaining.isEmpty else {
                return StandInReply.error(.init(rawValue: 409), "conflict", "The last live token cannot be revoked.")
            }
            state.installationTokens[id] = remaining
            return HTTPResponse(.noContent, headers: ["X-Vercel-Id": "stand-in"])
        }
    }

    func liveTokens(of installation: String) -> [StandInState.InstallationToken] {
        let time = now()
        return state.withLock { $0.installationTokens[installation, default: []].filter { $0.isLive(at: time) } }
    }

    /// The request's fields, if it has a live token and the client's secret.
    private func client(of id: String, _ request: HTTPRequest) -> Result<[String: String], Refusal> {
        if case .failure(let refusal) = authorized(id, request) { return .failure(refusal) }
        guard let fields = ReadFields.read(request) else {
            return .failure(Refusal(.badRequest, "bad_request", "The body cannot be read."))
        }
        guard let secret = fields["client_secret"], !secret.isEmpty else {
            return .failure(Refusal(.badRequest, "bad_request", "client_secret is missing."))
        }
        let isKnown = settings.integrations.contains { integration in
            integration.installations.contains { $0.id == id } && integration.clientSecret == secret
                && (fields["client_id"] ?? integration.clientID) == integration.clientID
        }
        guard isKnown else { return .failure(Refusal(.forbidden, "forbidden", "Client id or secret is wrong.")) }
        return .success(fields)
    }
}

extension StandInState.InstallationToken {
    fileprivate func isLive(at time: Int64) -> Bool { expires.map { time < $0 } ?? true }
}

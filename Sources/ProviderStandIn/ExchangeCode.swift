import HTTP
import JOSE
import Locking
import Untrusted

/// `POST /v1/integrations/sso/token`, JSON or form.
extension ProviderStandIn {
    /// Most faults replace the answer before the code is checked, so the code stays valid. `token_slow` and `no_id_token` use
    /// it up.
    func exchange(_ request: HTTPRequest) -> HTTPAnswer {
        let fault = state.withLock { state in
            state.counters.exchanges += 1
            return state.strike([.tokenEndpoint, .token])
        }
        if let spoiled = spoiledExchange(fault) { return .now(spoiled) }
        let grant: StandInState.Grant
        switch redeem(request) {
        case .failure(let refusal): return .now(refusal.response)
        case .success(let redeemed): grant = redeemed
        }
        guard let token = token(for: grant, fault) else {
            return .now(StandInReply.error(.badRequest, "bad_request", "The member is gone."))
        }
        var body = tokens(token, for: grant)
        if fault == .noIDToken {
            body = ["access_token": .string("not-an-id-token"), "token_type": .string("Bearer")]
        }
        return answer(
            StandInReply.json(.ok, body, headers: ["Cache-Control": "no-store"]), slowly: fault == .tokenSlow)
    }

    func spoiledExchange(_ fault: StandInFault) -> HTTPResponse? {
        switch fault {
        case .token500: StandInReply.error(.internalServerError, "internal_server_error", "Something broke.")
        case .token429: StandInReply.rateLimited(seconds: 30, now: now())
        case .token400: StandInReply.error(.badRequest, "bad_request", "The code is unknown, used or expired.")
        case .token403: StandInReply.error(.forbidden, "forbidden", "Client id or secret is wrong.")
        case .oauthErrorIn200:
            StandInReply.json(
                .ok, ["error": .string("invalid_grant"), "error_description": .string("The code is not valid.")])
        case .tokenGarbage: StandInReply.garbage
        case .tokenRedirect: StandInReply.redirect("/v1/integrations/sso/token?again")
        case .tokenHuge: StandInReply.huge
        case .tokenEmpty: HTTPResponse(.ok, headers: ["Content-Type": "application/json"])
        default: nil
        }
    }

    /// `nonce`: of a standard login.
    func token(for grant: StandInState.Grant, nonce: String? = nil, _ fault: StandInFault) -> String? {
        guard let integration = settings.integrations.first(where: { $0.clientID == grant.clientID }),
            let installation = integration.installations.first(where: { $0.id == grant.installationID }),
            var member = installation.members.first(where: { $0.userID == grant.userID })
        else { return nil }
        let (key, retired, role) = state.withLock { state in
            (state.keys[0], state.retired, state.roles[.init(installation.id, member.userID)])
        }
        if let role, role != "NONE" { member.role = role }
        var token = MintToken(
            settings: settings, integration: integration, installation: installation, member: member, now: now())
        token.nonce = nonce
        return fault.surface == .token
            ? SpoilToken(mint: token, key: key, retired: retired, fault: fault).compact : token.compact(with: key)
    }

    private func tokens(_ identity: String, for grant: StandInState.Grant) -> JSONObject {
        switch settings.answerVariant {
        case .identityOnly:
            return ["id_token": .string(identity), "token_type": .null, "access_token": .null]
        case .refreshable:
            let (access, refresh) = (randomText(24), randomText(24))
            state.withLock { $0.refreshTokens[refresh] = grant }
            return [
                "id_token": .string(identity), "token_type": .string("Bearer"), "access_token": .string(access),
                "expires_in": .integer(settings.tokenLifetime), "refresh_token": .string(refresh),
            ]
        }
    }
}

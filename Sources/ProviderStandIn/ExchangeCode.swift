import HTTP
import JOSE
import SecretMemory
import Synchronization

/// `POST /v1/integrations/sso/token`, JSON or form. A code is marked used before it is answered.
extension ProviderStandIn {
    private static let faults: Set<StandInFault> = Set(
        StandInFault.allCases.filter { !$0.rawValue.hasPrefix("jwks") && !$0.rawValue.hasPrefix("member") })

    func exchange(_ request: HTTPRequest) -> HTTPAnswer {
        let fault = state.withLock { state in
            state.counters.exchanges += 1
            return state.strike(Self.faults)
        }
        switch fault {
        case .token500: return .now(StandInReply.error(.internalServerError, "internal_server_error", "Oops."))
        case .token429:
            return .now(
                StandInReply.error(.tooManyRequests, "rate_limited", "Slow down.", headers: ["Retry-After": "30"]))
        case .token400: return .now(StandInReply.error(.badRequest, "bad_request", "The code is not valid."))
        case .token403: return .now(StandInReply.error(.forbidden, "forbidden", "Not for you."))
        case .oauthErrorIn200:
            return .now(
                StandInReply.json(.ok, ["error": .string("invalid_grant"), "error_description": .string("No.")]))
        case .tokenGarbage: return .now(StandInReply.garbage)
        case .tokenRedirect: return .now(StandInReply.redirect("/v1/integrations/sso/token?again"))
        case .tokenHuge: return .now(StandInReply.huge)
        case .tokenEmpty: return .now(HTTPResponse(.ok, headers: ["Content-Type": "application/json"]))
        default: break
        }
        switch redeem(request) {
        case .failure(let refusal): return .now(refusal.response)
        case .success(let token):
            var body: JSONObject = ["id_token": .string(token(fault)), "access_token": .null, "token_type": .null]
            if fault == .noIDToken {
                body = ["access_token": .string("not-an-id-token"), "token_type": .string("Bearer")]
            }
            return answer(
                StandInReply.json(.ok, body, headers: ["Cache-Control": "no-store"]), slowly: fault == .tokenSlow)
        }
    }

    private struct Refusal: Error {
        let response: HTTPResponse
    }

    /// Checks the request and uses the code up; hands back what can mint its token.
    private func redeem(_ request: HTTPRequest) -> Result<(StandInFault) -> String, Refusal> {
        func refused(_ status: HTTPStatus, _ code: String, _ message: String) -> Result<
            (StandInFault) -> String, Refusal
        > {
            .failure(Refusal(response: StandInReply.error(status, code, message)))
        }
        guard let fields = ReadFields.read(request) else {
            return refused(.badRequest, "bad_request", "The body cannot be read.")
        }
        for name in ["code", "client_id", "client_secret"] where fields[name]?.isEmpty ?? true {
            return refused(.badRequest, "bad_request", "\(name) is missing.")
        }
        if let grant = fields["grant_type"], grant != "authorization_code" {
            return refused(.badRequest, "bad_request", "This grant_type is not supported.")
        }
        guard let integration = settings.integrations.first(where: { $0.clientID == fields["client_id"] }),
            integration.clientSecret == fields["client_secret"]
        else { return refused(.forbidden, "forbidden", "Client id or secret is wrong.") }
        let time = now()
        let (found, keys, retired) = state.withLock { state in
            let found = fields["code"].flatMap { state.codes[$0] }
            if let code = fields["code"], found?.clientID == integration.clientID { state.codes[code]?.isUsed = true }
            return (found, state.keys, state.retired)
        }
        guard let found, !found.isUsed, time < found.expires else {
            return refused(.badRequest, "bad_request", "The code is unknown, used or expired.")
        }
        guard found.clientID == integration.clientID else {
            return refused(.forbidden, "forbidden", "The code was made for another integration.")
        }
        if let given = fields["state"], given != found.state {
            return refused(.badRequest, "bad_request", "The state does not belong to the code.")
        }
        guard let installation = integration.installations.first(where: { $0.id == found.installationID }),
            let member = installation.members.first(where: { $0.userID == found.userID })
        else { return refused(.badRequest, "bad_request", "The member is gone.") }
        let mint = MintToken(
            settings: settings, integration: integration, installation: installation, member: member, keys: keys,
            retired: retired, now: time)
        return .success(mint.token)
    }
}

/// The string fields of a JSON or form body; nil for anything else.
enum ReadFields {
    static func read(_ request: HTTPRequest) -> [String: String]? {
        let type = request.headers["Content-Type"]?.prefix { $0 != ";" } ?? ""
        var fields: [String: String] = [:]
        switch type {
        case "application/json":
            guard let body = try? JSONObject(parsing: request.body) else { return nil }
            for member in body.members {
                if let text = member.value.text {
                    fields[member.name] = text
                } else if member.value != .null {
                    return nil
                }
            }
        case "application/x-www-form-urlencoded":
            guard let form = try? FormParameters(request.body) else { return nil }
            for pair in form.pairs { fields[pair.name] = pair.value.exposedText }
        default: return nil
        }
        return fields
    }
}

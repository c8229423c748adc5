import HTTP
import Locking

/// The checks of the token endpoint, in order. A code or refresh token is used up before the answer, so of two concurrent
/// requests at most one succeeds.
extension ProviderStandIn {
    /// Why there is no token, as an answer.
    struct Refusal: Error {
        let response: HTTPResponse

        init(_ status: HTTPStatus, _ code: String, _ message: String) {
            response = StandInReply.error(status, code, message)
        }
    }

    func redeem(_ request: HTTPRequest) -> Result<StandInState.Grant, Refusal> {
        do throws(Refusal) {
            guard let fields = ReadFields.read(request) else {
                throw Refusal(.badRequest, "bad_request", "The body cannot be read.")
            }
            // Senders of the first published form leave grant_type out.
            switch fields["grant_type"] ?? "authorization_code" {
            case "authorization_code": return .success(try redeemCode(fields))
            case "refresh_token" where settings.answerVariant == .refreshable:
                return .success(try redeemRefreshToken(fields))
            default: throw Refusal(.badRequest, "bad_request", "This grant_type is not supported.")
            }
        } catch {
            return .failure(error)
        }
    }

    private func redeemCode(_ fields: [String: String]) throws(Refusal) -> StandInState.Grant {
        let code = try field("code", fields)
        let client = try authenticate(fields)
        let found = state.withLock { state in
            let found = state.codes[code]
            // An attempt by another client does not use up the code.
            if found?.grant.clientID == client.clientID { state.codes[code]?.isUsed = true }
            return found
        }
        if let found, found.grant.clientID != client.clientID {
            throw Refusal(.forbidden, "forbidden", "The code was made for another integration.")
        }
        guard let found, found.authorization == nil, !found.isUsed, now() < found.expires else {
            throw Refusal(.badRequest, "bad_request", "The code is unknown, used or expired.")
        }
        if let given = fields["state"], given != found.state {
            throw Refusal(.badRequest, "bad_request", "The state does not belong to the code.")
        }
        return found.grant
    }

    private func redeemRefreshToken(_ fields: [String: String]) throws(Refusal) -> StandInState.Grant {
        let token = try field("refresh_token", fields)
        let client = try authenticate(fields)
        let found = state.withLock { state -> StandInState.Grant? in
            guard state.refreshTokens[token]?.clientID == client.clientID else { return nil }
            return state.refreshTokens.removeValue(forKey: token)
        }
        guard let found else {
            throw Refusal(.badRequest, "bad_request", "The refresh token is unknown or used.")
        }
        return found
    }

    private func authenticate(_ fields: [String: String]) throws(Refusal) -> StandInSettings.Integration {
        let id = try field("client_id", fields)
        let secret = try field("client_secret", fields)
        guard let integration = settings.integrations.first(where: { $0.clientID == id }),
            integration.clientSecret == secret
        else { throw Refusal(.forbidden, "forbidden", "Client id or secret is wrong.") }
        return integration
    }

    private func field(_ name: String, _ fields: [String: String]) throws(Refusal) -> String {
        guard let value = fields[name], !value.isEmpty else {
            throw Refusal(.badRequest, "bad_request", "\(name) is missing.")
        }
        return value
    }
}

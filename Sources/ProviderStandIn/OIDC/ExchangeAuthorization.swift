import HTTP
import JOSE
import Locking
import OpenSSLCrypto
import Untrusted

/// `POST /oauth/token`: the token endpoint of standard logins (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
extension ProviderStandIn {
    func exchangeAuthorization(_ request: HTTPRequest) -> HTTPAnswer {
        let fault = state.withLock { state in
            state.counters.exchanges += 1
            return state.strike([.tokenEndpoint, .token])
        }
        if let spoiled = spoiledExchange(fault) { return .now(spoiled) }
        guard let fields = ReadFields.read(request), fields["grant_type"] == "authorization_code" else {
            return .now(Self.refused(.badRequest, "invalid_request"))
        }
        guard let integration = client(of: request, fields) else {
            return .now(Self.refused(.unauthorized, "invalid_client"))
        }
        guard let code = take(fields["code"], integration), let authorization = code.authorization,
            authorization.redirectURI == fields["redirect_uri"],
            fault == .pkceIgnored || Self.proves(fields["code_verifier"], authorization.challenge),
            let token = token(for: code.grant, nonce: authorization.nonce, fault)
        else { return .now(Self.refused(.badRequest, "invalid_grant")) }
        var body: JSONObject = [
            "access_token": .string(UntrustedText(randomText(24))), "token_type": .string("Bearer"),
            "expires_in": .integer(settings.tokenLifetime), "id_token": .string(UntrustedText(token)),
        ]
        if fault == .noIDToken { body = ["access_token": .string("not-an-id-token"), "token_type": .string("Bearer")] }
        let response = StandInReply.json(.ok, body, headers: ["Cache-Control": "no-store"])
        return answer(response, slowly: fault == .tokenSlow)
    }

    /// A code that is tried is used up, also by a wrong verifier.
    private func take(_ code: String?, _ integration: StandInSettings.Integration) -> StandInState.Code? {
        guard let code else { return nil }
        let found = state.withLock { state in
            let found = state.codes[code]
            if found?.grant.clientID == integration.clientID { state.codes[code]?.isUsed = true }
            return found
        }
        guard let found, found.grant.clientID == integration.clientID, !found.isUsed, now() < found.expires else {
            return nil
        }
        return found
    }

    private static func proves(_ verifier: String?, _ challenge: String) -> Bool {
        guard let verifier, (43...128).contains(verifier.utf8.count) else { return false }
        return Base64URL.encode(SHA256.hash(Array(verifier.utf8))) == challenge
    }

    /// By `client_secret_basic` or `client_secret_post`, not by both.
    private func client(of request: HTTPRequest, _ fields: [String: String]) -> StandInSettings.Integration? {
        var (id, secret) = (fields["client_id"], fields["client_secret"])
        if let header = request.headers[.authorization] {
            guard secret == nil, let pair = Self.basic(header) else { return nil }
            (id, secret) = pair
        }
        return settings.integrations.first { $0.clientID == id && $0.clientSecret == secret }
    }

    private static func basic(_ header: UntrustedText) -> (id: String?, secret: String?)? {
        guard let letters = header.dropping(prefix: "Basic ") else { return nil }
        let plain = letters.string.replacing("+", with: "-").replacing("/", with: "_").filter { $0 != "=" }
        guard let bytes = Base64URL.decode(plain), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            return nil
        }
        let parts = [bytes[..<colon], bytes[(colon + 1)...]].map { part in
            (try? PercentEncoding.decode(Array(part))).map { String(decoding: $0, as: UTF8.self) }
        }
        return (parts[0], parts[1])
    }

    private static func refused(_ status: HTTPStatus, _ code: UntrustedText) -> HTTPResponse {
        StandInReply.json(status, ["error": .string(code)], headers: ["Cache-Control": "no-store"])
    }
}

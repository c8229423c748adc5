import SecretMemory

/// The JSON body of the token request.
///
/// <https://vercel.com/docs/rest-api/marketplace/sso-token-exchange>
enum ExchangeRequestBody {
    static func encode(clientID: String, clientSecret: SecretBytes, code: SecretBytes, state: SecretBytes?)
        -> SecretBytes
    {
        var body = SecretBody(longest: clientID.utf8.count + clientSecret.count + code.count + (state?.count ?? 0))
        body.putMember("grant_type", SecretBytes("authorization_code"))
        body.putMember("client_id", SecretBytes(clientID))
        body.putMember("client_secret", clientSecret)
        body.putMember("code", code)
        if let state { body.putMember("state", state) }
        body.endObject()
        return body.take()
    }

    static func encode(clientID: String, clientSecret: SecretBytes, refreshToken: SecretBytes) -> SecretBytes {
        var body = SecretBody(longest: clientID.utf8.count + clientSecret.count + refreshToken.count)
        body.putMember("grant_type", SecretBytes("refresh_token"))
        body.putMember("client_id", SecretBytes(clientID))
        body.putMember("client_secret", clientSecret)
        body.putMember("refresh_token", refreshToken)
        body.endObject()
        return body.take()
    }
}

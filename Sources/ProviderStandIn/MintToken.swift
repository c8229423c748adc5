import JOSE
import Untrusted

/// Makes good id_tokens. `SpoilToken` makes the bad ones of them.
struct MintToken {
    let settings: StandInSettings
    let integration: StandInSettings.Integration
    let installation: StandInSettings.Installation
    let member: StandInSettings.Member
    /// In seconds since 1970.
    let now: Int64
    /// Of a standard login.
    var nonce: String?

    var claims: [(name: UntrustedText, value: JSONValue)] {
        var claims: [(name: UntrustedText, value: JSONValue)] = [
            ("iss", .string(settings.issuer)), ("aud", .string(integration.clientID)),
            ("sub", .string("account:\(installation.accountID):user:\(member.userID)")),
            ("account_id", .string(installation.accountID)), ("installation_id", .string(installation.id)),
            ("user_id", .string(member.userID)), ("user_role", .string(member.role)),
            ("user_name", .string(member.name)), ("iat", .integer(now)),
            ("exp", .integer(now + settings.tokenLifetime)), ("type", .string("id_token")),
        ]
        if let email = member.email { claims.append(("user_email", .string(email))) }
        if let avatar = member.avatarURL { claims.append(("user_avatar_url", .string(avatar))) }
        if let nonce { claims.append(("nonce", .string(nonce))) }
        return claims
    }

    func compact(with key: StandInState.SigningKey) -> String {
        SignJWS.text(payload: JSONObject(claims), keyID: key.id, with: key.key, by: settings.algorithm)
    }
}

import HTTP
import JOSE
import SecretMemory
import Untrusted

/// Reads the token endpoint's response. Only `id_token` matters; other members may be absent, null or of another type.
enum ExchangeResponse {
    static func idToken(in response: HTTPClientResponse) throws(ExchangeFailure) -> SecretBytes {
        let status = response.status.rawValue
        try check(response)
        let answer: JSONObject
        let token: SecretBytes?
        do {
            (answer, token) = try JSONObject.parse(response.body, withholding: "id_token")
        } catch {
            throw .nonsense(status: status, .notJSON)
        }
        if let token { return token }
        // Some deployments send an OAuth error with status 200.
        if case .string(let code)? = answer["error"] {
            throw .codeRefused(status: status, providerCode: Self.plain(code))
        }
        throw .nonsense(status: status, .noToken)
    }

    /// The tokens for a refresh token. The refresh token lives longest, so it never becomes an ordinary string.
    static func refreshed(_ response: HTTPClientResponse) throws(ExchangeFailure) -> RefreshedTokens {
        let status = response.status.rawValue
        try check(response)
        guard let (answer, refreshToken) = try? JSONObject.parse(response.body, withholding: "refresh_token") else {
            throw .nonsense(status: status, .notJSON)
        }
        if case .string(let code)? = answer["error"] {
            throw .codeRefused(status: status, providerCode: Self.plain(code))
        }
        guard let refreshToken, !refreshToken.isEmpty, let token = answer["id_token"]?.text else {
            throw .nonsense(status: status, .noToken)
        }
        var expiresIn: Int64?
        if case .integer(let seconds)? = answer["expires_in"], seconds > 0 { expiresIn = seconds }
        do {
            return RefreshedTokens(
                idToken: try UnverifiedIDToken(SecretBytes(token.bytes)), refreshToken: refreshToken,
                accessToken: answer["access_token"]?.text.map { SecretBytes($0.bytes) }, expiresIn: expiresIn)
        } catch { throw .tokenMalformed(error) }
    }

    private static func check(_ response: HTTPClientResponse) throws(ExchangeFailure) {
        let status = response.status.rawValue
        switch status {
        case 200: return
        case 400, 404, 410: throw .codeRefused(status: status, providerCode: providerCode(response.body))
        case 401, 403: throw .clientRefused(status: status, providerCode: providerCode(response.body))
        case 429: throw .rateLimited
        case 500...599: throw .nonsense(status: status, .serverError)
        default: throw .nonsense(status: status, .unexpectedStatus)
        }
    }

    /// The error's code in either form: `{"error":{"code":…}}` (REST) or `{"error":…}` (OAuth, RFC 6749 section 5.2).
    private static func providerCode(_ body: SecretBytes) -> String? {
        guard let answer = try? JSONObject(parsing: body) else { return nil }
        switch answer["error"] {
        case .string(let code): return plain(code)
        case .object(let error): if case .string(let code)? = error["code"] { return plain(code) } else { return nil }
        default: return nil
        }
    }

    /// The code goes to the log, so only a plain word is accepted.
    private static func plain(_ code: UntrustedText) -> String? {
        code.count <= 64 && code.bytes.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_") }
            ? code.string : nil
    }
}

import HTTP
import JOSE
import Marketplace
import SecretMemory

/// Relays a call to the partner's own server: the same method, to the hook's address followed by the installation's id. An
/// assertion replaces the marketplace's token, and the access token is left out.
struct InstallationHook: Sendable {
    enum Answer: Sendable {
        /// 2xx or 4xx, with a JSON object or with nothing.
        case answered(HTTPStatus, JSONObject?)
        /// No answer, no JSON object, or a status that means "retry later". The word is for the log.
        case unavailable(String)
    }

    /// In seconds.
    static let assertionLifetime: Int64 = 30
    static let timeout: Duration = .seconds(10)
    static let maximumAnswer = 64 * 1024

    let url: String
    let issuer: String
    let key: KeyRing.Key
    let client: any HTTPClient

    func relay(
        _ call: InstallationCall, _ content: InstallationCall.Content, from token: CallToken, to integration: String,
        _ id: RequestID, now: Int64
    ) async -> Answer {
        var headers: HTTPHeaders = [
            "Accept": "application/json", "X-Vercel-Auth": call.kind.rawValue, "X-Request-Id": id.description,
            "X-SSO-Assertion": assertion(call, token, integration, now: now),
        ]
        if let key = call.idempotencyKey { headers.append("Idempotency-Key", key) }
        if content.body != nil { headers.append("Content-Type", "application/json") }
        let request = HTTPClientRequest(
            call.method, url + "/" + PercentEncoding.encode(call.installationID), headers: headers,
            body: content.body.map { SecretBytes($0.encoded) }, timeout: Self.timeout,
            maximumResponseBody: Self.maximumAnswer)
        do { return Self.read(try await client.send(request)) } catch {
            return .unavailable(error == .timedOut ? "timed_out" : "unreachable")
        }
    }

    private static func read(_ response: HTTPClientResponse) -> Answer {
        let status = response.status.rawValue
        switch status {
        case 408, 425, 429: return .unavailable("status_\(status)")
        case 200...299, 400...499: break
        default: return .unavailable("status")
        }
        if response.body.isEmpty { return .answered(response.status, nil) }
        guard let body = try? JSONObject(parsing: response.body) else {
            // The status of a refusal is enough.
            return status >= 400 ? .answered(response.status, nil) : .unavailable("not_json")
        }
        return .answered(response.status, body)
    }

    /// Signed as a decision's assertion, but with the hook's address as audience, so that neither can be used as the other.
    private func assertion(_ call: InstallationCall, _ token: CallToken, _ integration: String, now: Int64) -> String {
        var texts = [
            ("iss", issuer), ("aud", url), ("auth", call.kind.rawValue), ("method", call.method.rawValue),
            ("integration", integration), ("installation_id", call.installationID),
            ("account_id", token.accountID ?? ""),
        ]
        switch token {
        case .user(let member):
            texts += [
                ("sub", member.userID), ("role", member.role.rawValue), ("name", member.name ?? ""),
                ("email", member.email ?? ""),
            ]
        // Users' ids contain no colon.
        case .system: texts.append(("sub", "account:\(token.accountID ?? "")"))
        }
        return key.assertion(texts, [("iat", now), ("exp", now + Self.assertionLifetime)])
    }
}

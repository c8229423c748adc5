import Marketplace

/// `X-SSO-Assertion`: a JWT (RFC 7519) with which the app can verify who sends a request, signed by the ring's newest key
/// with ES256.
struct Assertions: Sendable {
    /// How long the app may accept one. In seconds.
    static let lifetime: Int64 = 30

    private let issuer: String
    private let key: KeyRing.Key

    init(_ ring: KeyRing, origin: WebOrigin) {
        issuer = origin.description
        key = ring.keys[0]
    }

    /// For one session and one app, with the names of `GET /sso/session` beside the registered ones. `now` in seconds since
    /// 1970.
    func sign(_ session: Session, audience: String, now: Int64) -> String {
        let texts = [
            ("iss", issuer), ("aud", audience), ("sub", session.member.userID),
            ("integration", session.member.integration), ("installation_id", session.member.installationID),
            ("account_id", session.accountID), ("role", session.role.rawValue), ("name", session.name),
            ("email", session.email), ("sid", session.id.text),
        ]
        let times = [
            ("role_checked_at", session.roleCheckedAt), ("iat", now),
            ("exp", min(now + Self.lifetime, session.expires)),
        ]
        return key.assertion(texts, times)
    }
}

import HTTP
import Marketplace

/// `GET /sso/session`: who is signed in, for the app's front end. A closed list of fields; no token, no cookie value.
struct SessionEndpoint: Sendable {
    static let path = "/sso/session"

    let sessions: SessionKeeper
    let clock: Clock

    func answer(_ request: HTTPRequest, _ id: RequestID) -> HTTPAnswer {
        let now = clock.unixSeconds()
        guard let session = sessions.live(in: request, now: now) else {
            return .now(JSONReply.error(.unauthorized, "not_signed_in", "Nobody is signed in on this browser.", id))
        }
        var response = JSONReply.ok(Self.json(session, now: now))
        if let renewed = sessions.renewal(of: session, now: now) { response.headers.append("Set-Cookie", renewed) }
        return .now(response)
    }

    static func json(_ session: Session, now: Int64) -> String {
        let texts: KeyValuePairs = [
            "integration": session.member.integration, "installation_id": session.member.installationID,
            "account_id": session.accountID, "user_id": session.member.userID, "role": session.role.rawValue,
            "name": session.name, "email": session.email, "avatar_url": session.avatarURL,
        ]
        var members = texts.map { "\"\($0.key)\":\(JSONReply.quoted($0.value))" }
        members.insert("\"role_age_seconds\":\(max(now - session.roleCheckedAt, 0))", at: 5)
        members += ["\"issued_at\":\(session.issuedAt)", "\"expires_at\":\(session.expires)"]
        return "{\(members.joined(separator: ","))}"
    }
}

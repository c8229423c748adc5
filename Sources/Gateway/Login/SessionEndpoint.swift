import HTTP
import JOSE
import Marketplace
import Untrusted

/// `GET /sso/session`: the signed-in member, for the app's front end. A closed list of fields; no token, no cookie value.
struct SessionEndpoint: Sendable {
    static let path = "/sso/session"

    let sessions: SessionKeeper

    var route: Route { Route(.exactly(Self.path), [.get], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let now = context.now
        guard let session = sessions.live(in: context.request, now: now) else {
            return .now(
                JSONReply.error(.unauthorized, "not_signed_in", "Nobody is signed in on this browser.", context.id))
        }
        var response = JSONReply.ok(Self.json(session, now: now))
        if let renewed = sessions.renewal(of: session, now: now) { response.headers.append("Set-Cookie", renewed) }
        return .now(response)
    }

    static func json(_ session: Session, now: Int64) -> JSONObject {
        [
            "integration": .string(session.member.integration),
            "installation_id": .string(session.member.installationID), "account_id": .string(session.accountID),
            "user_id": .string(session.member.userID), "role": .string(session.role.rawValue),
            "role_age_seconds": .integer(max(now - session.roleCheckedAt, 0)), "name": .string(session.name),
            "email": .string(session.email), "avatar_url": .string(session.avatarURL),
            "issued_at": .integer(session.issuedAt), "expires_at": .integer(session.expires),
        ]
    }
}

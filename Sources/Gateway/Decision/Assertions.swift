import JOSE
import Locking
import Marketplace

/// `X-SSO-Assertion`: a JWT (RFC 7519) that tells the app who asks in a way that it can check for itself, signed by the
/// ring's newest key with ES256. Signed at most once in ten seconds for a session and an app; until then the same text
/// comes again.
final class Assertions: Sendable {
    /// How long the app may believe one. In seconds.
    static let lifetime: Int64 = 30
    /// For how long the same one is handed out, so that it has two thirds of its life left at least. In seconds.
    static let reuse: Int64 = 10
    /// Held at once, twice over; beyond, each is signed anew. A kilobyte each.
    static let maximumHeld = 16_384

    private struct Subject: Hashable {
        let session: SessionID
        let audience: String
    }

    private struct Signed {
        let token: String
        let issuedAt: Int64
        /// What a session can learn while it lasts: within one second, more than once.
        let role: MemberRole
        let roleCheckedAt: Int64
    }

    /// Those of now and those before: nothing is swept, the older half is dropped.
    private struct Held {
        var young: [Subject: Signed] = [:]
        var old: [Subject: Signed] = [:]
        var turn: Int64 = 0
    }

    private let issuer: String
    private let key: KeyRing.Key
    private let held = Locked(Held())

    init(_ ring: KeyRing, origin: WebOrigin) {
        issuer = origin.description
        key = ring.keys[0]
    }

    /// For one session and one app; `now` in seconds since 1970.
    func token(for session: Session, audience: String, now: Int64) -> String {
        let subject = Subject(session: session.id, audience: audience)
        let known = held.withLock { held in held.young[subject] ?? held.old[subject] }
        // A clock that was set back must not stretch anything.
        if let known, (0..<Self.reuse).contains(now - known.issuedAt), known.role == session.role,
            known.roleCheckedAt == session.roleCheckedAt
        {
            return known.token
        }
        let token = sign(session, audience, now: now)
        let signed = Signed(
            token: token, issuedAt: now, role: session.role, roleCheckedAt: session.roleCheckedAt)
        held.withLock { held in
            if !(0..<Self.reuse).contains(now - held.turn) {
                held.old = held.young
                held.young = [:]
                held.turn = now
            }
            if held.young.count < Self.maximumHeld { held.young[subject] = signed }
        }
        return token
    }

    var heldCount: Int { held.withLock { $0.young.count + $0.old.count } }

    /// The names of `GET /sso/session`, beside the registered ones.
    private func sign(_ session: Session, _ audience: String, now: Int64) -> String {
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

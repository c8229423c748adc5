import HTTP
import Marketplace

/// Which family of names the first four identity headers have.
package enum IdentityHeaderFamily: String, Sendable, CaseIterable {
    case authRequest = "auth-request"
    case remote
    case forwarded

    private var prefix: String {
        switch self {
        case .authRequest: "X-Auth-Request-"
        case .remote: "Remote-"
        case .forwarded: "X-Forwarded-"
        }
    }

    var user: String { prefix + "User" }
    var email: String { prefix + "Email" }
    var preferredUsername: String { prefix + "Preferred-Username" }
    var groups: String { prefix + "Groups" }

    package var names: [String] { [user, email, preferredUsername, groups] }
}

/// The identity headers of an allowed response: always the whole set, empty where there is no value. A proxy that copies them
/// thereby overwrites what the client sent under these names.
package struct IdentityHeaders: Sendable {
    /// In the order in which they are sent.
    package let names: [String]

    package init(_ family: IdentityHeaderFamily) {
        names =
            family.names + [
                "X-SSO-Integration", "X-SSO-Installation", "X-SSO-Account", "X-SSO-Role", "X-SSO-Role-Age",
                "X-SSO-Session", "X-SSO-Assertion",
            ]
    }

    func headers(for session: LiveSession?, assertion: String, now: Int64) -> HTTPHeaders {
        var headers = HTTPHeaders()
        // Three more may follow: `X-SSO-Decision`, `Cache-Control` and a renewed cookie.
        headers.reserve(fields: names.count + 3, bytes: 1536)
        guard let live = session else {
            for name in names { headers.append(name, "") }
            return headers
        }
        let session = live.opened
        let values = [
            session.member.userID, session.email, session.name, live.role.rawValue, session.member.integration,
            session.member.installationID, session.accountID, live.role.rawValue,
            String(max(now - live.roleCheckedAt, 0)), session.id.text, assertion,
        ]
        for (name, value) in zip(names, values) { headers.append(name, Self.ascii(value)) }
        return headers
    }

    /// Printable ASCII as it is, everything else (and `%` itself) as percent-encoded UTF-8.
    static func ascii(_ value: String) -> String { PercentEncoding.encode(value, keeping: plain) }

    private static let plain = ByteSet(0x20...0x7e).subtracting("%")
}

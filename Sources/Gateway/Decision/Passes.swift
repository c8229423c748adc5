import HTTP
import Locking
import Marketplace

/// What a session was last let through with: for one app, one role and one second, since `X-SSO-Role-Age` counts them.
struct Pass: Sendable {
    fileprivate let app: String
    fileprivate let role: MemberRole
    fileprivate let roleCheckedAt: Int64
    fileprivate let second: Int64
    fileprivate let response: HTTPResponse
}

/// Makes the answers that let a request pass: 12 headers, one of them signed. A page asks for many things in a second, so
/// the last answer is kept with the session, whole, in the server's form too.
struct Passes: Sendable {
    /// For what everybody may see, while nobody is signed in.
    let anonymous: HTTPResponse
    private let status: HTTPStatus
    private let identity: IdentityHeaders
    private let assertions: Assertions

    /// `status`: 200, or 202 for those who come from oauth2-proxy.
    init(_ status: HTTPStatus, identity: IdentityHeaders, assertions: Assertions) {
        self.status = status
        self.identity = identity
        self.assertions = assertions
        anonymous = Self.response(status, identity.headers(for: nil, assertion: "", now: 0))
    }

    /// `app`: the assertion's audience. `now` in seconds since 1970.
    func response(for session: LiveSession, to app: String, now: Int64) -> HTTPResponse {
        if let last = session.opened.pass.withLock({ $0 }), last.second == now, last.role == session.role,
            last.roleCheckedAt == session.roleCheckedAt, last.response.status == status, last.app == app
        {
            return last.response
        }
        let assertion = assertions.token(for: session.current, audience: app, now: now)
        let response = Self.response(status, identity.headers(for: session, assertion: assertion, now: now))
        let pass = Pass(
            app: app, role: session.role, roleCheckedAt: session.roleCheckedAt, second: now, response: response)
        session.opened.pass.withLock { $0 = pass }
        return response
    }

    private static func response(_ status: HTTPStatus, _ headers: HTTPHeaders) -> HTTPResponse {
        var headers = headers
        headers.append("Cache-Control", "no-store")
        return HTTPResponse(status, headers: headers).kept()
    }
}

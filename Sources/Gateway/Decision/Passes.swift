import HTTP
import Locking
import Marketplace

/// What a session was last let through with: for one app, one role and one second, since `X-SSO-Role-Age` counts them.
final class Pass: Sendable {
    private let app: [UInt8]
    private let role: MemberRole
    private let roleCheckedAt: Int64
    private let second: Int64
    fileprivate let response: HTTPResponse

    fileprivate init(_ session: LiveSession, app: [UInt8], second: Int64, response: HTTPResponse) {
        self.app = app
        role = session.role
        roleCheckedAt = session.roleCheckedAt
        self.second = second
        self.response = response
    }

    fileprivate func holds(for session: LiveSession, to app: borrowing Span<UInt8>, now: Int64) -> Bool {
        let own = self.app
        return second == now && role == session.role && roleCheckedAt == session.roleCheckedAt
            && SameBytes.areSame(own.span, app)
    }
}

/// Makes the answers that let a request pass: 12 headers, one of them signed. A page asks for many things in a second, so
/// the last answer is kept with the session, whole, in the server's form too.
package struct Passes: Sendable {
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
    func response(for session: LiveSession, to app: ArraySlice<UInt8>, now: Int64) -> HTTPResponse {
        if let last = session.opened.lastPass, last.holds(for: session, to: app.span, now: now),
            last.response.status == status
        {
            return last.response
        }
        let audience = String(decoding: app, as: UTF8.self)
        let assertion = assertions.token(for: session.current, audience: audience, now: now)
        let response = Self.response(status, identity.headers(for: session, assertion: assertion, now: now))
        session.opened.keep(Pass(session, app: Array(app), second: now, response: response))
        return response
    }

    /// In every answer that allows a request and in no other. A proxy tells by it that a 2xx is the gateway's, and not
    /// another program's at its address: identity headers can be empty, and then most proxies cannot see them.
    package static let proof = (name: "X-SSO-Decision", value: "allowed")

    private static func response(_ status: HTTPStatus, _ headers: HTTPHeaders) -> HTTPResponse {
        var headers = headers
        headers.append(proof.name, proof.value)
        headers.append("Cache-Control", "no-store")
        return HTTPResponse(status, headers: headers).kept()
    }
}

import HTTP
import Locking
import Marketplace

/// Makes the responses that allow a request: 12 headers, one of them a signed assertion.
///
/// This is the one cache of decisions. A page asks for many things in a second, and signing costs ten times as much as all
/// else about a decision. Measured with callgrind: 42,000 instructions for a decision that finds its response here, 500,000
/// for one that signs.
///
/// An entry's key holds what the response depends on, and one rule ends it: `lifetime` after its assertion was signed.
/// Within that time the assertion stays, and the response around it is made once a second, since `X-SSO-Role-Age` counts
/// seconds.
package final class AllowedResponses: Sendable {
    /// How long an assertion is handed out, so that it has two thirds of its own life left at least. In seconds.
    static let lifetime: Int64 = 10
    /// Entries at once, twice over; beyond, each response is made anew. Two to three kilobytes each.
    static let maximumHeld = 16_384

    private struct Key: Hashable {
        let session: SessionID
        /// What the session can learn while it lasts: within one second, more than once.
        let role: MemberRole
        let roleCheckedAt: Int64
        /// The assertion's audience.
        let app: ArraySlice<UInt8>
    }

    private struct Entry {
        let assertion: String
        let signedAt: Int64
        let response: HTTPResponse
        let second: Int64
    }

    /// Those of now and those before: nothing is swept, the older half is dropped.
    private struct Held {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
        var turn: Int64 = 0
    }

    private let identity: IdentityHeaders
    private let assertions: Assertions
    private let held = Locked(Held())

    init(_ identity: IdentityHeaders, _ assertions: Assertions) {
        self.identity = identity
        self.assertions = assertions
    }

    /// For what everybody may see, while nobody is signed in. `status`: 200, or 202 at oauth2-proxy's address.
    func anonymous(_ status: HTTPStatus) -> HTTPResponse {
        Self.response(status, identity.headers(for: nil, assertion: "", now: 0))
    }

    /// `app`: the assertion's audience. `now` in seconds since 1970.
    func response(_ status: HTTPStatus, for session: LiveSession, to app: ArraySlice<UInt8>, now: Int64)
        -> HTTPResponse
    {
        let key = Key(session: session.id, role: session.role, roleCheckedAt: session.roleCheckedAt, app: app)
        var known = held.withLock { $0.young[key] ?? $0.old[key] }
        // A clock that was set back must not stretch anything.
        if let entry = known, !Self.isWithin(entry.signedAt, now: now) { known = nil }
        if let known, known.second == now, known.response.status == status { return known.response }
        let assertion =
            known?.assertion
            ?? assertions.sign(session.current, audience: String(decoding: app, as: UTF8.self), now: now)
        let response = Self.response(status, identity.headers(for: session, assertion: assertion, now: now))
        keep(
            Entry(assertion: assertion, signedAt: known?.signedAt ?? now, response: response, second: now), key,
            now: now)
        return response
    }

    private func keep(_ entry: Entry, _ key: Key, now: Int64) {
        held.withLock { held in
            if !Self.isWithin(held.turn, now: now) {
                held.old = held.young
                held.young = [:]
                held.turn = now
            }
            // `app` is a part of a request's head, which must not live as long as this.
            let own = Key(
                session: key.session, role: key.role, roleCheckedAt: key.roleCheckedAt, app: Array(key.app)[...])
            if held.young.count < Self.maximumHeld || held.young[own] != nil { held.young[own] = entry }
        }
    }

    private static func isWithin(_ start: Int64, now: Int64) -> Bool { (0..<lifetime).contains(now - start) }

    var heldCount: Int { held.withLock { $0.young.count + $0.old.count } }

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

import HTTP
import Locking
import Marketplace

/// Makes the responses that allow a request: 13 headers, one of them a signed assertion.
///
/// The only cache of decisions: one page causes many decisions, and signing costs ten times as much as the rest of one.
/// Measured with callgrind: 42,000 instructions for a decision that finds its response here, 500,000 for one that signs.
///
/// An entry's key is everything that the response depends on, and an entry expires `lifetime` after its assertion was
/// signed. Within that time the response is made again each second, because `X-SSO-Role-Age` counts seconds.
package final class AllowedResponses: Sendable {
    /// How long an assertion is reused: at least two thirds of its own lifetime remain. In seconds.
    static let lifetime: Int64 = 10
    /// The entries of each generation; beyond that responses are not cached. Two to three kilobytes each.
    static let maximumHeld = 16_384

    private struct Key: Hashable {
        let session: SessionID
        /// These two can change during a session, even twice within a second.
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

    /// Two generations: to expire entries, the older one is dropped as a whole.
    private struct Held {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
        var youngSince: Int64 = 0
    }

    private let identity: IdentityHeaders
    private let assertions: Assertions
    private let held = Locked(Held())

    init(_ identity: IdentityHeaders, _ assertions: Assertions) {
        self.identity = identity
        self.assertions = assertions
    }

    /// For a request that is allowed for anyone, without a session. `status`: 200, or 202 at oauth2-proxy's address.
    func anonymous(_ status: HTTPStatus) -> HTTPResponse {
        Self.response(status, identity.headers(for: nil, assertion: "", now: 0))
    }

    /// `app`: the assertion's audience. `now` in seconds since 1970.
    func response(_ status: HTTPStatus, for session: LiveSession, to app: ArraySlice<UInt8>, now: Int64)
        -> HTTPResponse
    {
        let key = Key(session: session.id, role: session.role, roleCheckedAt: session.roleCheckedAt, app: app)
        var known = held.withLock { $0.young[key] ?? $0.old[key] }
        // A clock that was set back must not prolong an entry.
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
            if !Self.isWithin(held.youngSince, now: now) {
                held.old = held.young
                held.young = [:]
                held.youngSince = now
            }
            // `app` is a slice of a request's head, whose memory must not be kept as long as the entry.
            let own = Key(
                session: key.session, role: key.role, roleCheckedAt: key.roleCheckedAt, app: Array(key.app)[...])
            if held.young.count < Self.maximumHeld || held.young[own] != nil { held.young[own] = entry }
        }
    }

    private static func isWithin(_ start: Int64, now: Int64) -> Bool { (0..<lifetime).contains(now - start) }

    /// For tests of the limit.
    var heldCount: Int { held.withLock { $0.young.count + $0.old.count } }

    /// In every allowed response and in no other. By it a proxy knows that a 2xx is the gateway's, not another program's at
    /// its address: the identity headers can be empty, and most proxies cannot detect empty headers.
    package static let proof = (name: "X-SSO-Decision", value: "allowed")

    private static func response(_ status: HTTPStatus, _ headers: HTTPHeaders) -> HTTPResponse {
        var headers = headers
        headers.append(proof.name, proof.value)
        headers.append("Cache-Control", "no-store")
        return HTTPResponse(status, headers: headers).kept()
    }
}

import HTTP
import Marketplace
import Testing

@testable import Gateway

@Suite struct AllowedResponsesTests {
    private let allowed = AllowedResponses(
        IdentityHeaders(.authRequest), Assertions(TestWorld.ring, origin: TestWorld.origin()))

    private let app = Array("app".utf8)[...]
    private let billing = Array("billing".utf8)[...]

    private func response(
        _ session: LiveSession, to app: ArraySlice<UInt8>? = nil, after seconds: Int64 = 0, _ status: HTTPStatus = .ok
    ) -> HTTPResponse {
        allowed.response(status, for: session, to: app ?? self.app, now: TestWorld.now + seconds)
    }

    private func assertion(_ session: LiveSession, after seconds: Int64, to app: ArraySlice<UInt8>? = nil) -> String? {
        response(session, to: app, after: seconds).headers["X-SSO-Assertion"]
    }

    @Test func `the same second, app and role get the same response again`() {
        let live = TestWorld.live()
        let first = response(live)
        let again = response(live)
        #expect(first.form != nil && again.form === first.form)
    }

    @Test func `whatever a response says makes another one`() {
        let live = TestWorld.live(TestWorld.session(role: .user))
        let first = response(live)
        let later = response(live, after: 1)
        #expect(first.headers["X-SSO-Role-Age"] == "0" && later.headers["X-SSO-Role-Age"] == "1")
        let raised = LiveSession(live.opened, role: .admin, checkedAt: TestWorld.now + 1)
        let asAdmin = response(raised, after: 1)
        #expect(asAdmin.headers["X-SSO-Role"] == "ADMIN" && asAdmin.headers["X-SSO-Role-Age"] == "0")
        let lowered = LiveSession(live.opened, role: .user, checkedAt: TestWorld.now + 1)
        #expect(response(lowered, after: 1).headers["X-SSO-Role"] == "USER")
        let elsewhere = response(raised, to: billing, after: 1)
        #expect(elsewhere.headers["X-SSO-Assertion"] != asAdmin.headers["X-SSO-Assertion"])
        #expect(response(raised, to: billing, after: 1, .accepted).status == .accepted)
        #expect(response(raised, to: billing, after: 1).status == .ok)
        #expect(Set([first, later, asAdmin, elsewhere].compactMap(\.form).map(ObjectIdentifier.init)).count == 4)
    }

    @Test func `two sessions never get each other's response`() {
        let sessions = ["ada", "ben"].map { TestWorld.live(TestWorld.session(user: $0)) }
        for _ in 0..<2 {
            #expect(sessions.map { response($0).headers["X-Auth-Request-User"] } == ["ada", "ben"])
            #expect(sessions.map { response($0).headers["X-SSO-Session"] } == sessions.map(\.id.text))
        }
    }

    @Test func `an assertion is signed at most once in ten seconds for a session and an app`() {
        let live = TestWorld.live()
        let first = assertion(live, after: 0)
        for seconds: Int64 in 0..<10 { #expect(assertion(live, after: seconds) == first) }
        let second = assertion(live, after: 10)
        #expect(second != first && assertion(live, after: 19) == second)
        #expect(assertion(live, after: 19, to: billing) != second)
        #expect(response(live, after: 19, .accepted).headers["X-SSO-Assertion"] == second)
        // Across the turn of the two halves.
        _ = assertion(TestWorld.live(), after: 20)
        #expect(assertion(live, after: 19) == second)
        // A clock that was set back.
        #expect(assertion(live, after: 5) != second)
        // A role that was looked up again.
        let promoted = assertion(LiveSession(live.opened, role: .admin, checkedAt: TestWorld.now + 1), after: 19)
        #expect(promoted != second)
        // RT-57: And one that changed twice within a second.
        #expect(assertion(LiveSession(live.opened, role: .user, checkedAt: TestWorld.now + 1), after: 19) != promoted)
    }

    @Test func `a bounded number is held`() {
        for number in 0..<40 {
            #expect(assertion(TestWorld.live(), after: Int64(number))?.isEmpty == false)
        }
        #expect(allowed.heldCount <= 20)
    }

    @Test func `a changed response is no longer the one that was kept`() {
        let kept = response(TestWorld.live())
        var renewed = kept
        renewed.headers.append("Set-Cookie", "a=b")
        var refused = kept
        refused.status = .forbidden
        var filled = kept
        filled.body.append(1)
        #expect([renewed, refused, filled].allSatisfy { $0.form == nil } && kept.form != nil)
    }

    @Test func `an anonymous response has no identity`() {
        #expect(
            allowed.anonymous(.ok).headers.fields.filter { !$0.value.isEmpty }.map(\.name) == [
                "X-SSO-Decision", "Cache-Control",
            ])
    }
}

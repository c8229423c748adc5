import HTTP
import Marketplace
import Testing

@testable import Gateway

@Suite struct PassesTests {
    private let passes = Passes(
        .ok, identity: IdentityHeaders(.authRequest), assertions: Assertions(TestWorld.ring, origin: TestWorld.origin())
    )

    private let app = Array("app".utf8)[...]
    private let billing = Array("billing".utf8)[...]

    @Test func `the same second, app and role get the same answer again`() {
        let live = TestWorld.live()
        let first = passes.response(for: live, to: app, now: TestWorld.now)
        let again = passes.response(for: live, to: app, now: TestWorld.now)
        #expect(first.form != nil && again.form === first.form)
    }

    @Test func `whatever an answer says makes another one`() {
        let live = TestWorld.live(TestWorld.session(role: .user))
        let first = passes.response(for: live, to: app, now: TestWorld.now)
        let later = passes.response(for: live, to: app, now: TestWorld.now + 1)
        #expect(first.headers["X-SSO-Role-Age"] == "0" && later.headers["X-SSO-Role-Age"] == "1")
        let raised = LiveSession(live.opened, role: .admin, checkedAt: TestWorld.now + 1)
        let asAdmin = passes.response(for: raised, to: app, now: TestWorld.now + 1)
        #expect(asAdmin.headers["X-SSO-Role"] == "ADMIN" && asAdmin.headers["X-SSO-Role-Age"] == "0")
        let lowered = LiveSession(live.opened, role: .user, checkedAt: TestWorld.now + 1)
        #expect(passes.response(for: lowered, to: app, now: TestWorld.now + 1).headers["X-SSO-Role"] == "USER")
        let elsewhere = passes.response(for: raised, to: billing, now: TestWorld.now + 1)
        #expect(elsewhere.headers["X-SSO-Assertion"] != asAdmin.headers["X-SSO-Assertion"])
        let accepted = Passes(
            .accepted, identity: IdentityHeaders(.remote),
            assertions: Assertions(TestWorld.ring, origin: TestWorld.origin()))
        #expect(accepted.response(for: raised, to: billing, now: TestWorld.now + 1).status == .accepted)
        #expect(Set([first, later, asAdmin, elsewhere].compactMap(\.form).map(ObjectIdentifier.init)).count == 4)
    }

    @Test func `a changed answer is no longer the one that was kept`() {
        let kept = passes.response(for: TestWorld.live(), to: app, now: TestWorld.now)
        var renewed = kept
        renewed.headers.append("Set-Cookie", "a=b")
        var refused = kept
        refused.status = .forbidden
        var filled = kept
        filled.body.append(1)
        #expect([renewed, refused, filled].allSatisfy { $0.form == nil } && kept.form != nil)
    }

    @Test func `nobody is told as nobody`() {
        #expect(
            passes.anonymous.headers.fields.filter { !$0.value.isEmpty }.map(\.name) == [
                "X-SSO-Decision", "Cache-Control",
            ])
    }
}

import HTTP
import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// The calls about installations to the partner's own server, and the effects of its answers.
@Suite struct InstallationHookTests {
    @Test func `the hook gets the call with an assertion and without any token`() async throws {
        try await InstallationWorld.run(hooked: true) { here in
            let hook = try #require(here.hook)
            hook.answers(200, #"{"billingPlan":{"id":"plan_free"},"notification":null}"#)
            let answer = try await here.call("token=not-for-the-hook&key=idem-1")
            #expect(answer.map(\.status) == [200])
            #expect(answer[0].body?["notification"] == .null)
            let received = try #require(hook.received.first)
            #expect(hook.received.count == 1 && received.method == "PUT")
            #expect(received.path == "/hooks/installations/\(InstallationWorld.id)")
            #expect(received.headers["Idempotency-Key"] == "idem-1" && received.headers["X-Vercel-Auth"] == "user")
            #expect(received.headers.lookUp("Authorization") == .absent)
            let body = try JSONObject(parsing: SecretBytes(received.body))
            #expect(body["credentials"] == nil && body["acceptedPolicies"] != nil && body["account"] != nil)
            let said = received.body + received.headers.fields.map(\.value).joined()
            #expect(!said.contains("not-for-the-hook"))
            #expect(try await here.storedToken() == "not-for-the-hook")
            let claims = try #require(received.claims)
            #expect(claims["aud"]?.text?.string == hook.url && claims["iss"]?.text?.string == LoginWorld.origin)
            #expect(claims["sub"]?.text?.string == LoginWorld.ada && claims["method"]?.text?.string == "PUT")
            #expect(
                claims["installation_id"]?.text?.string == InstallationWorld.id
                    && claims["role"]?.text?.string == "ADMIN")
        }
    }

    @Test func `the marketplace itself has no user's id in the assertion`() async throws {
        try await InstallationWorld.run(hooked: true) { here in
            let hook = try #require(here.hook)
            hook.answers(200, "{}")
            #expect(try await here.call("method=GET").map(\.status) == [200])
            let claims = try #require(hook.received.last?.claims)
            #expect(
                claims["sub"]?.text?.string == "account:4b1d0c0de0000000a11ce000"
                    && claims["auth"]?.text?.string == "system")
            #expect(claims["role"] == nil)
            #expect(try await here.stored() == nil)
        }
    }

    /// An answer of the hook, the marketplace's answer, and whether a PUT is stored.
    @Test(arguments: [
        (204, "", 204, true), (201, "{}", 201, true), (200, "", 200, true),
        (400, #"{"error":{"code":"validation_error","message":"no"}}"#, 400, false), (403, "<html>", 403, false),
        (409, #"{"error":{"code":"conflict","user":{"message":"pay first"}}}"#, 409, false),
        (404, "", 404, false), (200, "<html>", 503, false), (500, "{}", 503, false), (302, "", 503, false),
        (429, "{}", 503, false), (503, #"{"error":{"code":"busy"}}"#, 503, false),
    ])
    func `the hook's answer decides`(_ status: Int, _ body: String, _ wanted: Int, _ isStored: Bool) async throws {
        try await InstallationWorld.run(hooked: true) { here in
            here.hook?.answers(status, body)
            let answer = try await here.call("")
            #expect(answer.map(\.status) == [wanted])
            let stored = try await here.stored()
            #expect((stored != nil) == isStored)
            if wanted >= 400 { #expect(!answer[0].code.isEmpty) }
            if status == 409 {
                let own = try JSONObject(parsing: SecretBytes(body))
                #expect(answer[0].body == own)
            }
        }
    }

    @Test func `while the hook is down nothing is stored in part, and no session ends`() async throws {
        try await InstallationWorld.run(hooked: true) { here in
            here.hook?.answers(204)
            try await here.call("token=first")
            let ada = try await here.signIn()
            let before = try await here.stored()
            await here.hook?.stop()
            for method in ["PUT", "DELETE"] {
                let answer = try await here.call("method=\(method)&token=second")
                #expect(answer.map(\.status) == [503] && answer[0].code == "hook_unavailable", "\(method)")
            }
            #expect(try await here.stored() == before)
            #expect(try await here.decide(ada) == 200)
        }
    }

    @Test func `a call that the hook could not take is taken when it comes again`() async throws {
        try await InstallationWorld.run(hooked: true) { here in
            let hook = try #require(here.hook)
            hook.answers(503)
            #expect(try await here.call("key=again&token=late").map(\.status) == [503])
            #expect(hook.received.count == ProviderStandIn.callTries)
            hook.answers(204)
            #expect(try await here.call("key=again&token=late").map(\.status) == [204])
            #expect(Set(hook.received.map { $0.headers["Idempotency-Key"] }) == ["again"])
            #expect(try await here.storedToken() == "late")
        }
    }

    @Test func `a partner who needs no day of grace says so`() async throws {
        try await InstallationWorld.run(hooked: true) { here in
            here.hook?.answers(204)
            try await here.call("")
            here.hook?.answers(200, #"{"finalized":true}"#)
            let answer = try await here.call("method=DELETE")
            #expect(answer.map(\.status) == [200] && answer[0].body?["finalized"] == .bool(true))
            let stored = try #require(try await here.stored())
            #expect(stored.status == .removed && stored.sealedToken.isEmpty)
        }
    }
}

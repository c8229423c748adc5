import CurlHTTPClient
import Glibc
import HTTP
import JOSE
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// A store that stops answering under a running gateway: decisions go on, nothing is acknowledged that would be lost.
@Suite struct StoreTroubleTests {
    private func run(_ body: (LoginWorld, TestBrowser) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        try await LoginWorld.run {
            $0.store = .sqlite(path)
        } _: { world in
            let ada = world.browser()
            #expect(try await ada.callBack(world.standIn.click()).status == 303)
            // What is deleted under a gateway that runs.
            #expect(unsafe unlink(path) == 0)
            try await body(world, ada)
        }
    }

    private func decide(_ browser: TestBrowser) async throws -> Int {
        try await browser.get("/authz/nginx", headers: LoginWorld.original).status
    }

    @Test func `a webhook that cannot be stored is sent again, and no session changes`() async throws {
        try await run { world, ada in
            let body = """
                {"id":"evt_1","type":"marketplace.member.changed","createdAt":\(world.plan.clock.seconds() * 1000),\
                "payload":{"installationId":"icfg_AcmeAnalyticalEngines001","memberId":"\(LoginWorld.ada)","role":"NONE"}}
                """
            let signature = WebhookMessage.signature(of: body, secret: "stand-in-client-secret")
            #expect(try await WebhookMessage.post(body, ["X-Vercel-Signature": signature], world) == 503)
            #expect(try await decide(ada) == 200)
            let login = try await world.browser().callBack(world.standIn.click(LoginWorld.ben))
            #expect(login.status == 503 && login.session == nil)
            let out = try await ada.post("/sso/sign_out", "")
            #expect(out.status == 503 && out.title == "You are still signed in")
            #expect(try await decide(ada) == 200)
        }
    }

    @Test func `a store failure is logged once, not four times a second`() async throws {
        try await run { world, _ in
            var report = ""
            for _ in 0..<600 where !report.contains("not answering") {
                try await Task.sleep(for: .milliseconds(50))
                let answer = try await world.client.send(
                    HTTPClientRequest(.get, world.adminURL + "/ready", timeout: .seconds(10)))
                report = answer.body.exposedText?.string ?? ""
            }
            #expect(report.contains(#""status":"degraded""#) && report.contains(#""store":"not answering""#))
            try await Task.sleep(for: .seconds(1))
            let lines = world.log.all.filter { $0.hasPrefix("store_unavailable") }
            #expect(lines.count == 1 && lines[0].contains("taken away or replaced"), "\(lines)")
        }
    }

    /// RT-62: an error is never an identity.
    @Test func `RT-62: in trouble the session endpoint says all of a session or an error with nothing of it`()
        async throws
    {
        try await run { world, ada in
            let whole = try await ada.get("/sso/session")
            #expect(whole.status == 200)
            #expect(try JSONObject(parsing: Array(whole.body.utf8)).members.count == 11)
            for path in ["/sso/session/", "/sso/session?x=%zz", "/sso/session%00"] {
                let answer = try await ada.get(path)
                #expect(answer.status >= 400 || answer.body == whole.body, "\(path)")
                for word in [LoginWorld.ada, "user_id", "ada@analytical.example"] where answer.status >= 400 {
                    #expect(!answer.body.contains(word), "\(path)")
                }
            }
            let other = try await ada.post("/sso/session", "")
            #expect(other.status == 405 && !other.body.contains("user_id"))
        }
    }
}

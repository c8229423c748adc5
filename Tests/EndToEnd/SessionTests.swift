import CurlHTTPClient
import HTTP
import JOSE
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

@Suite struct SessionTests {
    @Test func `RT-47, RT-48: a login makes a new session and ends the one before it`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            browser[cookie: TestBrowser.sessionName] = "planted-by-an-attacker"
            let first = try #require(try await browser.callBack(world.standIn.click()).session)
            #expect(first != "planted-by-an-attacker")
            let firstID = try await browser.get("/authz/nginx", headers: LoginWorld.original).headers["X-SSO-Session"]
            let second = try #require(try await browser.callBack(world.standIn.click()).session)
            let secondID = try await browser.get("/authz/nginx", headers: LoginWorld.original).headers["X-SSO-Session"]
            #expect(firstID?.isEmpty == false && secondID?.isEmpty == false && firstID != secondID)

            let thief = world.browser()
            thief[cookie: TestBrowser.sessionName] = first
            #expect(try await thief.session() == nil)
            #expect(try await thief.get("/authz/nginx", headers: LoginWorld.original).status == 401)
            thief[cookie: TestBrowser.sessionName] = second
            #expect(try await thief.session() != nil)
        }
    }

    @Test func `RT-49, RT-50: signing out ends every copy and clears with the attributes it set`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let login = try await browser.callBack(world.standIn.click())
            let copy = try #require(login.session)
            let out = try await browser.post("/sso/sign_out", "")
            #expect(out.status == 303)
            #expect(!browser.cookieNames.contains(TestBrowser.sessionName))
            let attributes = { (answer: TestBrowser.Answer) in
                answer.setCookie(TestBrowser.sessionName)?.split(separator: "; ").dropFirst()
                    .filter { !$0.hasPrefix("Max-Age=") }.joined(separator: "; ")
            }
            #expect(attributes(login) == "Path=/; HttpOnly; SameSite=Lax; Secure")
            #expect(attributes(out) == attributes(login))

            browser[cookie: TestBrowser.sessionName] = copy
            #expect(try await browser.session() == nil)
            #expect(try await browser.get("/authz/nginx", headers: LoginWorld.original).status == 401)
        }
    }

    @Test func `another site's form ends no session`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click())
            let answer = try await world.client.send(
                HTTPClientRequest(
                    .post, world.gatewayURL + "/sso/sign_out",
                    headers: [
                        "Cookie": "\(TestBrowser.sessionName)=\(browser[cookie: TestBrowser.sessionName] ?? "")",
                        "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example",
                    ], timeout: .seconds(30)))
            #expect(answer.status == .forbidden)
            #expect(try await browser.session() != nil)
        }
    }

    @Test func `RT-59: the session endpoint shows a closed list of fields and no token`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click())
            let body = try #require(try await browser.session())
            let names = body.split(separator: #"""#, omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            let known = [
                "integration", "installation_id", "account_id", "user_id", "role", "role_age_seconds", "name", "email",
                "avatar_url", "issued_at", "expires_at",
            ]
            // Ada's values have no quotes, so every second piece is a key or a value; the keys are all known.
            let keys = names.filter { body.contains(#""\#($0)":"#) }
            #expect(keys == known)
            #expect(!body.contains("eyJ"))
            for secret in world.standIn.secrets.codes + world.standIn.secrets.tokens { #expect(!body.contains(secret)) }
        }
    }

    @Test func `RT-62: without a session the session endpoint has no field of one`() async throws {
        try await LoginWorld.run { world in
            let ada = world.browser()
            _ = try await ada.callBack(world.standIn.click())
            let good = try #require(ada[cookie: TestBrowser.sessionName])
            for cookie in ["", "x", String(good.dropLast()), good + "A", good.uppercased()] {
                ada[cookie: TestBrowser.sessionName] = cookie
                let answer = try await ada.get("/sso/session")
                #expect(answer.status == 401)
                let names = try JSONObject(parsing: Array(answer.body.utf8)).members.map(\.name.string)
                #expect(names == ["error", "request_id"])
            }
        }
    }

    @Test func `RT-60, RT-61: no other cookie of the gateway opens a session`() async throws {
        try await LoginWorld.run {
            $0.confirm = .always
        } _: { world in
            let browser = world.browser()
            _ = try await browser.get("/sso/start")
            let confirmation = try await browser.callBack(world.standIn.click())
            _ = try await browser.callBack("code=&state=")
            var candidates = browser.cookieNames.compactMap { browser[cookie: $0] }
            #expect(candidates.count == 3)
            candidates.append(try #require(confirmation.field("ticket")))
            for candidate in candidates {
                let thief = world.browser()
                thief[cookie: TestBrowser.sessionName] = candidate
                #expect(try await thief.session() == nil)
            }
        }
    }

    /// The identity headers open nothing at the gateway.
    @Test func `RT-60: an assertion is neither a session, nor the marketplace's token, nor the admin's`() async throws {
        try await LoginWorld.run {
            $0.adminToken = "an-admin-token"
            $0.algorithms = [.rs256, .es256]
        } _: { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click())
            let decision = try await browser.get("/authz/nginx", headers: LoginWorld.original)
            let assertion = decision.headers["X-SSO-Assertion"] ?? ""
            #expect(assertion.split(separator: ".").count == 3)
            let thief = world.browser()
            thief[cookie: TestBrowser.sessionName] = assertion
            #expect(try await thief.session() == nil)
            #expect(try await thief.get("/authz/nginx", headers: LoginWorld.original).status == 401)
            let bearer: HTTPHeaders = ["Authorization": "Bearer " + assertion, "X-Vercel-Auth": "system"]
            let call = "/v1/installations/icfg_AcmeAnalyticalEngines001"
            for (address, status) in [(world.gatewayURL + call, 403), (world.adminURL + "/admin/installations", 401)] {
                let answer = try await world.client.send(
                    HTTPClientRequest(.get, address, headers: bearer, timeout: .seconds(30)))
                #expect(answer.status.rawValue == status)
            }
        }
    }

    @Test func `RT-53: an oversized session cookie opens no session`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let session = try #require(try await browser.callBack(world.standIn.click()).session)
            browser[cookie: TestBrowser.sessionName] = session + String(repeating: "A", count: 8000)
            #expect(try await browser.session() == nil)
        }
    }
}

import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

@testable import Gateway
@testable import sso_gateway

/// Operators end sessions before their time.
@Suite struct RevocationTests {
    private func signIn(_ world: LoginWorld, _ user: String = LoginWorld.ada) async throws -> TestBrowser {
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click(user))
        try #require(answer.status == 303, "\(answer.title)")
        return browser
    }

    private func status(_ browser: TestBrowser) async throws -> Int {
        try await browser.get("/authz/nginx", headers: LoginWorld.original).status
    }

    private func revoke(_ body: String, _ world: LoginWorld, headers extra: HTTPHeaders = [:]) async throws -> Int {
        try await world.administer(.post, "/admin/sessions/revoke", headers: extra, body: body).status.rawValue
    }

    private static let installation = "icfg_AcmeAnalyticalEngines001"

    /// Who is out after what: Ada on two browsers, Ben on one.
    @Test(arguments: [
        (#"{"installation":"\#(installation)","member":"\#(LoginWorld.ada)"}"#, [401, 401, 200]),
        (#"{"installation":"\#(installation)","member":"\#(LoginWorld.ben)","integration":"acme"}"#, [200, 200, 401]),
        (#"{"installation":"\#(installation)"}"#, [401, 401, 401]), (#"{"all":true}"#, [401, 401, 401]),
        (#"{"installation":"icfg_other"}"#, [200, 200, 200]),
    ])
    func `ends what it names and nothing else`(_ body: String, _ statuses: [Int]) async throws {
        try await LoginWorld.run { world in
            let people = [try await signIn(world), try await signIn(world), try await signIn(world, LoginWorld.ben)]
            #expect(try await revoke(body, world) == 200)
            for (person, wanted) in zip(people, statuses) { #expect(try await status(person) == wanted) }
            #expect(try await status(try await signIn(world)) == 200, "a later login stands by itself")
        }
    }

    @Test func `ends one session of a person and leaves the other`() async throws {
        try await LoginWorld.run { world in
            let (one, other) = (try await signIn(world), try await signIn(world))
            let id = try await one.get("/authz/nginx", headers: LoginWorld.original).headers["X-SSO-Session"] ?? ""
            #expect(try await revoke(#"{"session":"\#(id)"}"#, world) == 200)
            #expect(try await status(one) == 401)
            #expect(try await status(other) == 200)
        }
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"all":false}"#, #"{"all":1}"#, #"{"all":true,"session":"x"}"#, #"{"member":"a"}"#,
        #"{"session":"x"}"#, #"{"installation":""}"#, #"{"installation":"i","member":""}"#,
        #"{"installation":"i","integration":"unknown"}"#, #"{"installation":"i","user":"a"}"#,
        #"{"installation":"i","installation":"j"}"#, #"{"session":"00000000000000000000000000000000","member":"a"}"#,
    ])
    func `an ambiguous revocation ends no session`(_ body: String) async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            #expect(try await revoke(body, world) == 400)
            #expect(try await status(ada) == 200)
        }
    }

    @Test(
        arguments: [
            ["Origin": "https://evil.test"], ["Origin": "null"], ["Sec-Fetch-Site": "cross-site"],
            ["Sec-Fetch-Site": "same-origin"],
        ] as [HTTPHeaders])
    func `a request of a browser page ends no session`(_ headers: HTTPHeaders) async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            #expect(try await revoke(#"{"all":true}"#, world, headers: headers) == 403)
            #expect(try await status(ada) == 200)
        }
    }

    @Test(
        arguments: [
            ([:], 401), (["Authorization": "Bearer wrong"], 401), (["Authorization": "Bearer"], 401),
            (["Authorization": "Basic admin-token"], 401), (["Authorization": "Bearer admin-token"], 200),
            (["Authorization": "bearer admin-token"], 200),
        ] as [(HTTPHeaders, Int)])
    func `with an admin token, only its bearer is listened to`(_ headers: HTTPHeaders, _ wanted: Int) async throws {
        try await LoginWorld.run {
            $0.adminToken = "admin-token"
        } _: { world in
            #expect(try await revoke(#"{"all":true}"#, world, headers: headers) == wanted)
            let ping = try await world.client.send(
                HTTPClientRequest(.get, world.adminURL + "/ping", timeout: .seconds(10)))
            #expect(ping.status == .ok)
        }
    }

    @Test func `the member gets an explanation and signs in again`() async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            #expect(try await revoke(#"{"all":true}"#, world) == 200)
            world.plan.clock.advance(by: 2)
            let page = try await ada.get("/sso/start?rd=%2Freports")
            #expect(page.status == 403 && page.title == "Your session was ended")
            #expect(page.body.contains("Sign in again") && page.body.contains("rd=%2Freports"))
            #expect(ada[cookie: TestBrowser.sessionName] == nil)
            let next = try await ada.open("/sso/start?rd=%2Freports")
            #expect(next.status == 303 && next.location == "/reports")
            #expect(try await status(ada) == 200)
        }
    }

    @Test func `the command revokes sessions of a running gateway, and names a missing option`() async throws {
        try await LoginWorld.run { world in
            let ada = try await signIn(world)
            let folder = try TestFolder()
            let run = { (arguments: [String]) in
                try await GatewayProcess.run(
                    ["sessions", "revoke", "--admin", world.adminAddress] + arguments, in: folder)
            }
            let vague = try await run(["--member", LoginWorld.ada])
            #expect(vague.code == 64)
            #expect(try await status(ada) == 200)
            let done = try await run(["--member", LoginWorld.ada, "--installation", Self.installation])
            #expect(done.code == 0 && done.output.contains("Revoked"))
            #expect(try await status(ada) == 401)
            for kind in ["--session", "--installation", "--all"] {
                let next = try await signIn(world)
                let id = try await next.get("/authz/nginx", headers: LoginWorld.original).headers["X-SSO-Session"] ?? ""
                let subject = kind == "--session" ? [id] : kind == "--installation" ? [Self.installation] : []
                #expect(try await run([kind] + subject).code == 0)
                #expect(try await status(next) == 401, "\(kind)")
            }
        }
    }
}

import CurlHTTPClient
import HTTP
import Locking
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Operators put installations in, look at them, rotate their tokens and remove them.
@Suite struct InstallationAdminTests {
    private static let installation = LoginWorld.Plan.acme().installations[0]
    private static let path = "/admin/installations/\(installation.id)"
    private static let body = #"{"access_token":"\#(installation.accessToken)","account_id":"acct_1"}"#

    private func ask(
        _ world: LoginWorld, _ method: HTTPMethod, _ path: String, _ body: String? = nil, bearer: String? = nil,
        headers extra: HTTPHeaders = [:]
    ) async throws -> (status: Int, body: String) {
        var headers = extra
        if let bearer { headers.append("Authorization", "Bearer " + bearer) }
        let response = try await world.administer(method, path, headers: headers, body: body)
        return (response.status.rawValue, response.body.exposedText?.string ?? "")
    }

    private func role(_ world: LoginWorld) async throws -> String {
        world.standIn.fail(.memberDemoted)
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click(LoginWorld.ada))
        world.standIn.fail(.none)
        guard answer.status == 303 else { return answer.title }
        return try await browser.get("/authz/nginx", headers: LoginWorld.original).headers["X-SSO-Role"] ?? ""
    }

    @Test func `what is put in is used, shown without its token, rotated and removed with its sessions`()
        async throws
    {
        try await LoginWorld.run {
            $0.tokens = .store
            $0.unknown = .refuse
        } _: { world async throws in
            var answers: [String] = []
            func ask(_ method: HTTPMethod, _ path: String, _ body: String? = nil) async throws -> (Int, String) {
                let answer = try await self.ask(world, method, path, body)
                answers.append(answer.body)
                return answer
            }
            #expect(try await role(world) == LoginFailure.notYourInstallation.title)
            #expect(try await ask(.get, Self.path).0 == 404)
            #expect(try await ask(.put, Self.path, Self.body).0 == 200)
            #expect(try await role(world) == "USER")
            let listed = try await ask(.get, "/admin/installations").1
            #expect(listed.contains(#""has_token":true"#) && listed.contains("acct_1"))
            #expect(try await ask(.get, "/admin/installations?integration=other").1.contains(#""installations":[]"#))

            let rotated = try await ask(.post, Self.path + "/rotate", "{}")
            #expect(rotated.0 == 200 && rotated.1.contains(#""expires_in":3600"#), "\(rotated)")
            let live = world.standIn.standIn.liveTokens(of: Self.installation.id).map(\.text)
            #expect(live.count == 2)
            // The old one revoked, only the new one leads to an answer.
            world.standIn.standIn.state.withLock { _ = $0.installationTokens[Self.installation.id]?.removeFirst() }
            #expect(try await role(world) == "USER")

            let browser = world.browser()
            #expect(try await browser.callBack(world.standIn.click()).status == 303)
            #expect(try await ask(.delete, Self.path).1.contains(#""status":"removed""#))
            #expect(try await browser.get("/authz/nginx", headers: LoginWorld.original).status == 401)
            #expect(try await role(world) == LoginFailure.accessRemoved.title)
            #expect(try await ask(.post, Self.path + "/rotate", "{}").0 == 409)
            for text in answers + world.log.all {
                #expect(
                    !text.contains(Self.installation.accessToken) && !live.contains(where: text.contains), "\(text)")
            }
        }
    }

    @Test func `a rotation that the marketplace refuses keeps the token there was`() async throws {
        try await LoginWorld.run {
            $0.tokens = .store
        } _: { world async throws in
            _ = try await ask(world, .put, Self.path, #"{"access_token":"not-a-live-one"}"#)
            let answer = try await ask(world, .post, Self.path + "/rotate", "{}")
            #expect(answer.status == 502 && answer.body.contains("token_refused"))
            _ = try await ask(world, .put, Self.path, Self.body)
            #expect(try await role(world) == "USER")
        }
    }

    @Test(arguments: [
        ("", 400), ("[]", 400), (#"{"token":"x"}"#, 400), (#"{"access_token":1}"#, 400),
        (#"{"access_token":null}"#, 400), (#"{"access_token":"two words"}"#, 400), (#"{"account_id":1}"#, 400),
        (#"{"access_token":"a","access_token":"b"}"#, 400), ("{}", 200),
        // Without regions.
        (#"{"region":"eu"}"#, 400),
    ])
    func `what is not understood changes nothing`(_ body: String, _ status: Int) async throws {
        try await LoginWorld.run { world async throws in
            #expect(try await ask(world, .put, Self.path, body).status == status)
            #expect(try await ask(world, .get, Self.path).status == (status == 200 ? 200 : 404))
        }
    }

    @Test func `only who may is answered, and only at addresses that there are`() async throws {
        try await LoginWorld.run {
            $0.adminToken = "an-admin-token-of-some-length"
        } _: { world async throws in
            for method in [HTTPMethod.get, .put, .delete] {
                #expect(try await ask(world, method, Self.path, method == .put ? Self.body : nil).status == 401)
                #expect(try await ask(world, method, Self.path, nil, bearer: "wrong").status == 401)
            }
            #expect(try await ask(world, .get, "/admin/installations", bearer: "wrong").status == 401)
            #expect(try await ask(world, .post, "/admin/installations/reseal", "{}", bearer: "wrong").status == 401)
            let right = "an-admin-token-of-some-length"
            for (method, path, status) in [
                (HTTPMethod.get, Self.path, 404), (.post, Self.path, 405), (.get, Self.path + "/rotate", 405),
                (.get, Self.path + "/token", 404), (.get, "/admin/installations/", 404),
                (.get, "/admin/installations/a%2Fb", 404), (.get, "/admin/installations/..", 404),
                (.get, Self.path + "?integration=other", 400), (.get, Self.path + "?a=b", 400),
                (.patch, Self.path, 405), (.get, "/admin/installations/reseal", 405),
                (.post, "/admin/installations/reseal?integration=acme", 400),
                (.post, "/admin/installations/reseal/x", 404), (.post, "/admin/installations/reseal", 200),
            ] {
                #expect(try await ask(world, method, path, bearer: right).status == status, "\(method) \(path)")
            }
        }
    }

    /// DNS rebinding: a page elsewhere whose name leads here.
    @Test func `without an admin token, metrics are answered under a name of this machine only`() async throws {
        try await LoginWorld.run { world async throws in
            for (host, status) in [
                ("127.0.0.1", 200), ("localhost:4181", 200), ("LOCALHOST", 200), ("[::1]:80", 200),
                ("evil.example", 403), ("evil.example:4181", 403), ("127.0.0.1.evil.example", 403),
            ] {
                let raw = "GET /metrics HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
                let answer = try await RawRequest.send(Array(raw.utf8), port: world.gateway.adminListener.port)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(host): \(answer.prefix(80))")
            }
        }
    }

    @Test func `the command does the same, and prints no token`() async throws {
        try await LoginWorld.run {
            $0.tokens = .store
        } _: { world async throws in
            let folder = try TestFolder()
            let file = try folder.write("token", Self.installation.accessToken + "\n")
            func run(_ arguments: String...) async throws -> (code: Int32, output: String) {
                let answer = try await GatewayProcess.run(
                    ["installations"] + arguments + ["--admin", world.adminAddress], in: folder)
                #expect(!answer.output.contains(Self.installation.accessToken))
                return answer
            }
            let id = Self.installation.id
            #expect(try await run("show", id).code == 1)
            let put = try await run("put", id, "--token-file", file, "--account-id", "acct_1")
            #expect(put.code == 0 && put.output == "acme  \(id)  active  acct_1  -  token\n")
            #expect(
                try await run("list").output.hasSuffix("acme         \(id)  active  acct_1   -             token\n"))
            #expect(try await run("rotate", id).output.contains("The new token expires in 3600 s."))
            #expect(try await run("show", id).output.contains(/has_token +yes\n/))
            #expect(
                try await run("remove", id, "--integration", "acme").output.contains("removed  acct_1  -  no token"))
        }
    }
}

import HTTP
import JOSE
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `A look-up` {
    let world = StandInWorld { $0.integrations[0].installations[0].members[1].globalUserID = "feedbeef" }
    static let installation = "/v1/installations/icfg_AcmeAnalyticalEngines001"
    static let bearer: HTTPHeaders = ["Authorization": "Bearer stand-in-installation-token"]

    @Test(arguments: [installation, "/v1/integrations/marketplace/installations/icfg_AcmeAnalyticalEngines001"])
    func `tells a member's role`(_ base: String) async throws {
        let response = try await world.get("\(base)/member/\(StandInWorld.ada)", Self.bearer)
        #expect(response.status == .ok)
        #expect(response.json == ["id": .string(StandInWorld.ada), "role": .string("ADMIN")])
    }

    @Test func `tells the person's address only where it may tell who they are everywhere`() async throws {
        let response = try await world.get("\(Self.installation)/member/\(StandInWorld.ben)", Self.bearer)
        let expected: JSONObject = [
            "id": .string(StandInWorld.ben), "role": .string("USER"), "globalUserId": .string("feedbeef"),
            "userEmail": .string("ben@analytical.example"),
        ]
        #expect(response.json == expected)
    }

    @Test func `tells the account`() async throws {
        let response = try await world.get("\(Self.installation)/account", Self.bearer)
        #expect(response.status == .ok)
        #expect(response.json["name"]?.isText("Analytical Engines") == true)
        #expect(response.json["url"]?.isText("http://localhost:4190/") == true)
        guard case .object(let contact)? = response.json["contact"] else { Issue.record("no contact"); return }
        #expect(contact["email"]?.text?.string.contains("@") == true)
        #expect(world.counters.accountLookups == 1)
    }

    @Test(
        arguments: [
            ("\(installation)/member/ffff", bearer, Verdict(404, "not_found")),
            ("\(installation)/member/\(StandInWorld.ada)%2f..", bearer, Verdict(404, "not_found")),
            ("/v1/installations/icfg_Gone/member/\(StandInWorld.ada)", bearer, Verdict(404, "not_found")),
            ("\(installation)/member/\(StandInWorld.ada)", [:], Verdict(401, "forbidden")),
            ("\(installation)/member/\(StandInWorld.ada)", ["Authorization": "Bearer x"], Verdict(401, "forbidden")),
            ("\(installation)/account", [:], Verdict(401, "forbidden")),
            ("\(installation)/member", bearer, Verdict(404, "not_found")),
            ("\(installation)/members/x", bearer, Verdict(404, "not_found")),
        ] as [(String, HTTPHeaders, Verdict)])
    func `is refused without a token or for somebody unknown`(
        _ target: String, _ headers: HTTPHeaders, _ verdict: Verdict
    ) async throws {
        #expect(try await Verdict(world.get(target, headers)) == verdict)
    }

    @Test(arguments: [
        (StandInFault.member401, Verdict(401, "forbidden")),
        (.member403, Verdict(403, "integration_configuration_disabled")), (.member404, Verdict(404, "not_found")),
        (.member410, Verdict(410, "gone")), (.member429, Verdict(429, "rate_limited")),
        (.member500, Verdict(500, "internal_server_error")), (.memberGarbage, Verdict(200, nil)),
    ])
    func `fails on demand, for members and for accounts`(_ fault: StandInFault, _ verdict: Verdict) async throws {
        world.standIn.fail(fault)
        for target in ["member/\(StandInWorld.ada)", "account"] {
            #expect(try await Verdict(world.get("\(Self.installation)/\(target)", Self.bearer)) == verdict)
        }
    }

    @Test(arguments: [
        (StandInFault.memberDemoted, StandInWorld.ada, "USER"), (.memberNone, StandInWorld.ada, "NONE"),
        (.memberOther, "00000000", "ADMIN"),
    ])
    func `tells something else on demand`(_ fault: StandInFault, _ id: String, _ role: String) async throws {
        world.standIn.fail(fault)
        let response = try await world.get("\(Self.installation)/member/\(StandInWorld.ada)", Self.bearer)
        #expect(response.json == ["id": .string(id), "role": .string(role)])
        #expect(try await world.get("\(Self.installation)/account", Self.bearer).status == .ok)
    }
}

@Suite struct `Installation credentials` {
    let world = StandInWorld()
    static let base = `A look-up`.installation + "/credentials"
    static let secret: (UntrustedText, JSONValue) = ("client_secret", .string("stand-in-client-secret"))

    private func bearer(_ token: String) -> HTTPHeaders { ["Authorization": "Bearer \(token)"] }

    private func rotate(_ token: String = "stand-in-installation-token") async throws -> HTTPResponse {
        try await world.post("\(Self.base)/rotate", json: JSONObject([Self.secret]), bearer(token))
    }

    private func revoke(_ token: String, bearing live: String) async throws -> HTTPResponse {
        let body = JSONObject([Self.secret, ("token", .string(token))])
        return try await world.post("\(Self.base)/revoke", json: body, bearer(live))
    }

    private func isLive(_ token: String) async throws -> Bool {
        try await world.get("\(`A look-up`.installation)/account", bearer(token)).status == .ok
    }

    @Test func `rotate to a new token, beside which the old one stays good`() async throws {
        let body = try await rotate().json
        let token = try #require(body["access_token"]?.text?.string)
        #expect(body["token_type"]?.isText("oauth2-token") == true && body["expires_in"] == .integer(3600))
        #expect(body["scope"]?.text?.string != nil)
        #expect(try await isLive(token))
        #expect(try await isLive("stand-in-installation-token"))
        world.advance(by: 3600)
        #expect(try await !isLive(token))
    }

    @Test func `are revoked, but not the last one`() async throws {
        let old = "stand-in-installation-token"
        #expect(try await Verdict(revoke(old, bearing: old)) == Verdict(409, "conflict"))
        let new = try #require(try await rotate().json["access_token"]?.text?.string)
        #expect(try await revoke(old, bearing: new).status == .noContent)
        #expect(try await !isLive(old))
        #expect(try await Verdict(revoke(old, bearing: new)) == Verdict(404, "not_found"))
        #expect(try await Verdict(revoke(new, bearing: old)) == Verdict(401, "forbidden"))
        #expect(try await Verdict(revoke(new, bearing: new)) == Verdict(409, "conflict"))
    }

    @Test(
        arguments: ["rotate", "revoke"],
        [
            ([], Verdict(400, "bad_request")), ([("client_secret", "wrong")], Verdict(403, "forbidden")),
            ([("client_secret", "stand-in-client-secret"), ("client_id", "oac_Nobody")], Verdict(403, "forbidden")),
        ] as [([(String, String)], Verdict)])
    func `are for who knows the client's secret`(
        _ action: String, _ row: (fields: [(String, String)], verdict: Verdict)
    ) async throws {
        let response = try await world.post(
            "\(Self.base)/\(action)", form: row.fields, bearer("stand-in-installation-token"))
        #expect(Verdict(response) == row.verdict)
    }
}

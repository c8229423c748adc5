import HTTP
import JOSE
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `The switches` {
    let world = StandInWorld()

    @Test func `list every fault once, by a name fit for a shell, with a line of explanation`() async throws {
        let body = try await world.get("/stand-in/faults").json
        guard case .array(let faults)? = body["faults"] else { Issue.record("no list"); return }
        let names = faults.compactMap { if case .object(let fault) = $0 { fault["name"]?.text?.string } else { nil } }
        #expect(names == StandInFault.allCases.map(\.rawValue) && Set(names).count == names.count)
        #expect(names.allSatisfy { $0.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) } })
        for fault in StandInFault.allCases {
            #expect(fault.explanation.hasSuffix("."), "\(fault)")
            #expect((fault.surface == .nowhere) == (fault == .none), "\(fault)")
        }
        #expect(Set(StandInFault.allCases.map(\.explanation)).count == StandInFault.allCases.count)
        #expect(body["current"]?.isText("none") == true && body["times"] == .null)
    }

    @Test(arguments: StandInFault.allCases) func `set any fault`(_ fault: StandInFault) async throws {
        let answer = try await world.post("/stand-in/faults", form: [("fault", fault.rawValue)])
        #expect(answer.status == .noContent)
        #expect(try await world.get("/stand-in/faults").json["current"]?.isText(fault.rawValue) == true)
    }

    @Test func `set a fault for so many times, counting only where it shows`() async throws {
        let fields: JSONObject = ["fault": .string("token_500"), "times": .string("2")]
        #expect(try await world.post("/stand-in/faults", json: fields).status == .noContent)
        _ = try await world.get("/.well-known/jwks")
        let statuses = try await [
            world.exchange(world.click()).status, world.exchange(world.click()).status,
            world.exchange(world.click()).status,
        ]
        #expect(statuses == [.internalServerError, .internalServerError, .ok])
        #expect(try await world.get("/stand-in/faults").json["current"]?.isText("none") == true)
    }

    @Test(
        arguments: [
            [], [("fault", "nonsense")], [("fault", "")], [("fault", "token_500"), ("times", "0")],
            [("fault", "token_500"), ("times", "-1")], [("fault", "token_500"), ("times", "two")],
            [("fault", "token_500"), ("delay_ms", "60001")], [("fault", "token_500"), ("fault", "none")],
        ] as [[(String, String)]])
    func `refuse what makes no sense and change nothing`(_ form: [(String, String)]) async throws {
        #expect(try await Verdict(world.post("/stand-in/faults", form: form)) == Verdict(400, "bad_request"))
        #expect(try await world.get("/stand-in/faults").json["current"]?.isText("none") == true)
    }

    /// No Base URL is registered here, which is the last that is looked at.
    @Test(arguments: [("PATCH", 404, "not_found"), ("BREW", 400, "bad_request"), ("put", 400, "bad_request")])
    func `call with methods of the documentation alone`(method: String, status: Int, code: String) async throws {
        let answer = try await world.post("/stand-in/installations", form: [("method", method)])
        #expect(Verdict(answer) == Verdict(status, code))
    }

    @Test func `send a browser back to the dashboard that it came from`() async throws {
        let response = try await world.post(
            "/stand-in/faults", form: [("fault", "none"), ("times", ""), ("delay_ms", ""), ("user", "a&b")],
            ["Accept": "text/html,application/xhtml+xml"])
        #expect(response.status == .seeOther)
        #expect(response.headers["Location"] == "/?user=a%26b#faults")
    }

    @Test(arguments: ["faults", "codes", "keys/rotate"])
    func `are not for other sites' pages`(_ control: String) async throws {
        let response = try await world.post(
            "/stand-in/\(control)", form: [("fault", "expired"), ("integration", "acme")],
            ["Sec-Fetch-Site": "cross-site"])
        #expect(Verdict(response) == Verdict(403, "forbidden"))
        #expect(world.counters.codes == 0)
    }

    struct Page: Sendable {
        let host: String
        let origin: String?
        let site: String?
        let isServed: Bool
    }

    @Test(arguments: [
        Page(host: "localhost:4190", origin: "http://localhost:4190", site: "same-origin", isServed: true),
        Page(host: "127.0.0.1:4190", origin: "http://127.0.0.1:4190", site: nil, isServed: true),
        Page(host: "[::1]:4190", origin: "http://[::1]:4190", site: "same-origin", isServed: true),
        Page(host: "localhost", origin: "http://localhost", site: nil, isServed: true),
        // Programs, in containers too.
        Page(host: "stand-in:4190", origin: nil, site: nil, isServed: true),
        Page(host: "localhost:4190", origin: nil, site: "none", isServed: true),
        // DNS rebinding.
        Page(host: "evil.test:4190", origin: "http://evil.test:4190", site: "same-origin", isServed: false),
        Page(host: "evil.test:4190", origin: "http://evil.test:4190", site: nil, isServed: false),
        Page(host: "localhost.evil.test", origin: "http://localhost.evil.test", site: nil, isServed: false),
        Page(host: "127.0.0.1.evil.test", origin: "http://127.0.0.1.evil.test", site: nil, isServed: false),
        // Pages of other origins.
        Page(host: "localhost:4190", origin: "http://localhost:3000", site: "same-site", isServed: false),
        Page(host: "localhost:4190", origin: "http://localhost:3000", site: nil, isServed: false),
        Page(host: "localhost:4190", origin: "https://localhost:4190", site: nil, isServed: false),
        Page(host: "localhost:4190", origin: "null", site: nil, isServed: false),
        Page(host: "localhost:4190", origin: nil, site: "same-site", isServed: false),
        Page(host: "localhost:4190", origin: nil, site: "cross-site", isServed: false),
        Page(host: "localhost:4190", origin: nil, site: "same-origin, cross-site", isServed: false),
    ])
    func `are for the stand-in's own pages and for programs`(_ page: Page) async throws {
        var headers: HTTPHeaders = ["Host": page.host]
        if let origin = page.origin { headers.append("Origin", origin) }
        if let site = page.site { headers.append("Sec-Fetch-Site", site) }
        for control in StandInControl.allCases {
            for method in control.methods {
                let response = try await world.send(
                    method, "/stand-in/\(control.rawValue)", headers: headers, isBare: true)
                let verdict = Verdict(response)
                #expect((verdict == Verdict(403, "forbidden")) == !page.isServed, "\(method) \(control): \(verdict)")
            }
        }
    }

    @Test func `count what happens`() async throws {
        _ = try await world.token()
        _ = try await world.keySet()
        _ = try await world.get("/v1/installations/\(world.installation.id)/member/x")
        _ = try await world.get("/v1/installations/\(world.installation.id)/account")
        let expected: JSONObject = [
            "codes": .integer(1), "exchanges": .integer(1), "jwks": .integer(1), "members": .integer(1),
            "accounts": .integer(1), "api": .integer(0),
        ]
        #expect(try await world.get("/stand-in/counters").json == expected)
    }

    @Test func `make a code for a script`() async throws {
        let form = [("integration", "acme"), ("installation", world.installation.id), ("user", StandInWorld.ben)]
        let body = try await world.post("/stand-in/codes", form: form).json
        let login = (try #require(body["code"]?.text?.string), try #require(body["state"]?.text?.string))
        let token = try #require(try await world.exchange(login).json["id_token"]?.text?.string)
        #expect(try claims(of: token)["user_id"]?.isText(StandInWorld.ben) == true)
        let byID: JSONObject = ["integration": .string("oac_AcmeDemonstration01")]
        #expect(try await world.post("/stand-in/codes", json: byID).status == .ok)
        for wrong in [[("integration", "x")], [], [("integration", "acme"), ("user", "x")]] {
            #expect(try await Verdict(world.post("/stand-in/codes", form: wrong)) == Verdict(400, "bad_request"))
        }
    }
}

@Suite struct `A spoiled answer` {
    let world = StandInWorld()

    @Test(arguments: [
        (StandInFault.token500, Verdict(500, "internal_server_error")), (.token429, Verdict(429, "rate_limited")),
        (.token400, Verdict(400, "bad_request")), (.token403, Verdict(403, "forbidden")),
        (.oauthErrorIn200, Verdict(200, nil)), (.tokenGarbage, Verdict(200, nil)), (.tokenHuge, Verdict(200, nil)),
        (.tokenEmpty, Verdict(200, nil)), (.noIDToken, Verdict(200, nil)), (.tokenRedirect, Verdict(302, nil)),
    ])
    func `of the exchange has no id_token`(_ fault: StandInFault, _ verdict: Verdict) async throws {
        world.standIn.fail(fault)
        let response = try await world.exchange(world.click())
        #expect(Verdict(response) == verdict)
        #expect(response.json["id_token"] == nil)
        switch fault {
        case .token429:
            #expect(response.headers["Retry-After"] == "30")
            #expect(response.headers["X-RateLimit-Reset"] == "\(world.now + 30)")
        case .oauthErrorIn200: #expect(response.json["error"]?.isText("invalid_grant") == true)
        case .tokenHuge: #expect(response.body.count > 1 << 20)
        case .tokenEmpty: #expect(response.body.isEmpty)
        case .noIDToken: #expect(response.json["access_token"]?.text?.string != nil)
        case .tokenRedirect: #expect(response.headers["Location"] != nil)
        default: break
        }
    }

    @Test(
        arguments: [
            (StandInFault.jwks500, 500, nil), (.jwksGarbage, 200, nil), (.jwksEmpty, 200, 0), (.expired, 200, 2),
        ] as [(StandInFault, Int, Int?)])
    func `of the key set has no usable keys`(_ fault: StandInFault, _ status: Int, _ keys: Int?) async throws {
        world.standIn.fail(fault)
        let response = try await world.get("/.well-known/jwks")
        #expect(response.status.rawValue == status)
        var found: Int?
        if case .array(let entries)? = response.json["keys"] { found = entries.count }
        #expect(found == keys)
    }

    @Test(arguments: [StandInFault.tokenSlow, .jwksSlow, .memberSlow])
    func `that is slow is the right one, later`(_ fault: StandInFault) async throws {
        world.standIn.fail(fault, delay: 300)
        let began = ContinuousClock.now
        let response =
            switch fault {
            case .tokenSlow: try await world.exchange(world.click())
            case .jwksSlow: try await world.get("/.well-known/jwks")
            default:
                try await world.get(
                    "/v1/installations/\(world.installation.id)/member/\(StandInWorld.ada)",
                    ["Authorization": "Bearer \(world.installation.accessToken)"])
            }
        #expect(response.status == .ok)
        #expect(ContinuousClock.now - began >= .milliseconds(290))
    }
}

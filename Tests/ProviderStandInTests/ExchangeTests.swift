import HTTP
import JOSE
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `The exchange` {
    static let addresses = ["/v1/integrations/sso/token", "/api/v1/integrations/sso/token"]

    @Test(arguments: addresses)
    func `gives an id_token for a code, whether the body is JSON or a form`(_ address: String) async throws {
        let world = StandInWorld()
        let (first, second) = (try world.click(), try world.click())
        let form = try await world.post(address, form: world.exchangeFields(first.code, state: first.state))
        let fields = world.exchangeFields(second.code, state: second.state).map { ($0.0, JSONValue.string($0.1)) }
        let json = try await world.post(
            address, json: JSONObject(fields.map { (name: UntrustedText($0.0), value: $0.1) }))
        for response in [form, json] {
            #expect(response.status == .ok)
            #expect(response.headers["Cache-Control"] == "no-store")
            #expect(response.headers["Content-Type"] == "application/json; charset=utf-8")
            #expect(response.json["id_token"]?.text?.string.split(separator: ".").count == 3)
            #expect(response.json["access_token"] == .null && response.json["token_type"] == .null)
            #expect(response.json.members.count == 3)
        }
    }

    /// A change to a good request, and what it leads to.
    struct Change: Sendable, CustomTestStringConvertible {
        let name: String
        let value: String?
        let verdict: Verdict
        /// Whether the good request succeeds afterwards.
        let leavesCodeGood: Bool

        init(_ name: String, _ value: String?, _ status: Int, _ code: String?, leavesCodeGood: Bool = true) {
            self.name = name
            self.value = value
            verdict = Verdict(status, code)
            self.leavesCodeGood = leavesCodeGood
        }

        var testDescription: String { "\(name): \(value ?? "absent")" }
    }

    @Test(arguments: [
        Change("code", nil, 400, "bad_request"), Change("code", "", 400, "bad_request"),
        Change("code", "unknown", 400, "bad_request"), Change("client_id", nil, 400, "bad_request"),
        Change("client_secret", nil, 400, "bad_request"), Change("client_id", "oac_Nobody", 403, "forbidden"),
        Change("client_secret", "wrong", 403, "forbidden"),
        Change("grant_type", "client_credentials", 400, "bad_request"),
        Change("grant_type", "refresh_token", 400, "bad_request"),
        Change("grant_type", nil, 200, nil, leavesCodeGood: false),
        Change("state", "another", 400, "bad_request", leavesCodeGood: false),
        Change("state", nil, 200, nil, leavesCodeGood: false),
    ])
    func `checks every field`(_ change: Change) async throws {
        let world = StandInWorld()
        let login = try world.click()
        var fields = world.exchangeFields(login.code, state: login.state).filter { $0.0 != change.name }
        if let value = change.value { fields.append((change.name, value)) }
        let response = try await world.post(Self.addresses[0], form: fields)
        #expect(Verdict(response) == change.verdict)
        #expect(try await world.exchange(login).status == (change.leavesCodeGood ? .ok : .badRequest))
    }

    @Test func `takes a code once`() async throws {
        let world = StandInWorld()
        let login = try world.click()
        #expect(try await world.exchange(login).status == .ok)
        #expect(try await Verdict(world.exchange(login)) == Verdict(400, "bad_request"))
    }

    @Test func `takes a code once, of a hundred requests at the same time`() async throws {
        let world = StandInWorld()
        let login = try world.click()
        let successes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { try await world.exchange(login).status == .ok } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(successes == 1)
        #expect(world.counters.exchanges == 100)
    }

    @Test func `takes a code until its time is over`() async throws {
        let world = StandInWorld { $0.codeLifetime = 30 }
        let (early, late) = (try world.click(), try world.click())
        world.advance(by: 29)
        #expect(try await world.exchange(early).status == .ok)
        world.advance(by: 1)
        #expect(try await Verdict(world.exchange(late)) == Verdict(400, "bad_request"))
    }

    @Test func `refuses another integration's code and leaves it good for its own`() async throws {
        let world = StandInWorld { settings in
            var second = settings.integrations[0]
            (second.clientID, second.clientSecret, second.slug) = ("oac_Second", "second-secret", "second")
            settings.integrations.append(second)
        }
        let login = try world.click()
        let foreign = [
            ("client_id", "oac_Second"), ("client_secret", "second-secret"), ("code", login.code),
            ("state", login.state),
        ]
        #expect(try await Verdict(world.post(Self.addresses[0], form: foreign)) == Verdict(403, "forbidden"))
        #expect(try await world.exchange(login).status == .ok)
    }

    @Test(arguments: [
        ("application/json", "{"), ("application/json", #"{"code":1}"#),
        ("application/json", #"{"code":"a","code":"b"}"#),
        ("application/x-www-form-urlencoded", "code=a&code=b"), ("application/x-www-form-urlencoded", "code=%zz"),
        ("text/plain", "code=a"),
    ])
    func `refuses a body that it cannot read`(_ type: String, _ body: String) async throws {
        let response = try await StandInWorld().send(
            .post, Self.addresses[0], headers: ["Content-Type": type], body: body)
        #expect(Verdict(response) == Verdict(400, "bad_request"))
    }

    @Test func `reads null as absent, and a type in capitals with a charset`() async throws {
        let world = StandInWorld()
        let login = try world.click()
        let body = """
            {"client_id":"\(world.integration.clientID)","client_secret":"\(world.integration.clientSecret)",\
            "code":"\(login.code)","state":null}
            """
        let response = try await world.send(
            .post, Self.addresses[0], headers: ["Content-Type": "Application/JSON; charset=utf-8"], body: body)
        #expect(response.status == .ok)
    }

    @Test func `gives a refresh token in the other variant, and takes each once`() async throws {
        let world = StandInWorld { $0.answerVariant = .refreshable }
        let first = try await world.exchange(world.click(user: StandInWorld.ben)).json
        #expect(first["token_type"]?.isText("Bearer") == true && first["access_token"]?.text?.string != nil)
        #expect(first["expires_in"] == .integer(world.settings.tokenLifetime))
        let refresh = [
            ("grant_type", "refresh_token"), ("refresh_token", try #require(first["refresh_token"]?.text?.string)),
            ("client_id", world.integration.clientID), ("client_secret", world.integration.clientSecret),
        ]
        let second = try await world.post(Self.addresses[0], form: refresh).json
        let token = try #require(second["id_token"]?.text?.string)
        #expect(try claims(of: token)["user_id"]?.isText(StandInWorld.ben) == true)
        #expect(second["refresh_token"] != first["refresh_token"])
        #expect(try await Verdict(world.post(Self.addresses[0], form: refresh)) == Verdict(400, "bad_request"))
    }
}

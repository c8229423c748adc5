import HTTP
import SecretMemory
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `A login's start` {
    let world = StandInWorld()

    /// The query of the address that the browser is sent to.
    private func query(_ target: String) async throws -> [(name: String, value: String)] {
        let response = try await world.get(target)
        #expect(response.status == .found)
        #expect(response.headers["Cache-Control"] == "no-store")
        let location = try #require(response.headers["Location"])
        let parts = location.split(separator: "?", maxSplits: 1)
        #expect(parts[0] == StandInWorld.callback)
        return try FormParameters(SecretBytes(parts[1].utf8)).pairs.map {
            ($0.name.string, $0.value.exposedText?.string ?? "")
        }
    }

    @Test(arguments: ["", "/icfg_AcmeAnalyticalEngines001", "/"])
    func `sends the browser to the partner with mode, code and state`(_ rest: String) async throws {
        let pairs = try await query("/sso/integrations/acme\(rest)")
        #expect(pairs.map(\.name) == ["mode", "code", "state"])
        #expect(pairs[0].value == "sso")
        #expect(try await world.exchange((pairs[1].value, pairs[2].value)).status == .ok)
    }

    @Test func `works by installation too, as the command-line tool does it`() async throws {
        let address = "/api/marketplace/sso?teamId=team_1&integrationConfigurationId=\(world.installation.id)"
        let pairs = try await query(address + "&resource_id=db_engine&user=\(StandInWorld.ben)")
        #expect(pairs.map(\.name) == ["mode", "code", "state", "resource_id"])
    }

    @Test func `copies the query through as it came, but for what is its own`() async throws {
        let hostile = "url=%2F%2Fevil%0A&a=1&a=2&b&=c&resource_id=%2e%2e%2f&x=+y&z=%zz"
        let response = try await world.get(
            "/sso/integrations/acme?user=\(StandInWorld.ben)&\(hostile)&code=forged&mode=x")
        let location = try #require(response.headers["Location"])
        #expect(location.hasSuffix("&\(hostile)"))
        #expect(!location.contains("forged") && !location.contains("user="))
    }

    @Test func `keeps a query that the partner registered`() async throws {
        let world = StandInWorld { $0.integrations[0].redirectLoginURL = "https://app.example.test/cb?tenant=1" }
        let location = try await world.get("/sso/integrations/acme").headers["Location"]
        #expect(location?.hasPrefix("https://app.example.test/cb?tenant=1&mode=sso&code=") == true)
    }

    @Test(arguments: [
        ("/sso/integrations/nobody", Verdict(404, "not_found")),
        ("/sso/integrations/acme/icfg_Gone", Verdict(404, "not_found")),
        ("/sso/integrations/acme/icfg_Gone/more", Verdict(404, "not_found")),
        ("/sso/integrations", Verdict(404, "not_found")),
        ("/sso/integrations/acme?user=ffff", Verdict(403, "forbidden")),
        ("/sso/integrations/acme?user=a&user=b", Verdict(400, "bad_request")),
        ("/sso/integrations/acme?user=%zz", Verdict(400, "bad_request")),
        ("/api/marketplace/sso", Verdict(400, "bad_request")),
        ("/api/marketplace/sso?integrationConfigurationId=icfg_Gone", Verdict(404, "not_found")),
    ])
    func `is refused for somebody or something unknown`(_ target: String, _ verdict: Verdict) async throws {
        #expect(try await Verdict(world.get(target)) == verdict)
        #expect(world.counters.codes == 0)
    }

    @Test(arguments: [HTTPMethod.head, .post, .options])
    func `makes no code for any method but GET`(_ method: HTTPMethod) async throws {
        let response = try await world.send(method, "/sso/integrations/acme")
        #expect(Verdict(response) == Verdict(405, "method_unknown"))
        #expect(response.headers["Allow"] == "GET")
        #expect(world.counters.codes == 0)
    }

    @Test func `makes a code and a state that never come again`() throws {
        let logins = try (0..<200).map { _ in try world.click() }
        #expect(Set(logins.map(\.code)).count == 200 && Set(logins.map(\.state)).count == 200)
    }
}

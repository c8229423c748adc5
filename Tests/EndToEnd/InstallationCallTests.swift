import CurlHTTPClient
import HTTP
import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// The marketplace calls about an installation, and the gateway keeps what it says.
@Suite struct InstallationCallTests {
    @Test func `an installation is stored with its account, the token sealed`() async throws {
        try await InstallationWorld.run { here in
            #expect(try await here.call("token=first-secret-token").map(\.status) == [204])
            let stored = try #require(try await here.stored())
            #expect(stored.status == .active && stored.accountID == "4b1d0c0de0000000a11ce000")
            #expect(stored.accountName == "Analytical Engines")
            #expect(here.token(stored) == "first-secret-token")
            #expect(!stored.sealedToken.contains("first-secret-token"))
            #expect(!here.world.log.all.contains { $0.contains("first-secret-token") })
        }
    }

    @Test func `a call that comes again does nothing again, a new one brings the new token`() async throws {
        try await InstallationWorld.run { here in
            let copies = try await here.call("token=first&key=k1&copies=3")
            #expect(copies.map(\.status) == [204, 204, 204])
            #expect(try await here.call("token=second&key=k2").map(\.status) == [204])
            // A straggler of the first.
            #expect(try await here.call("token=first&key=k1").map(\.status) == [204])
            #expect(try await here.storedToken() == "second")
            #expect(Self.outcomes(here) == ["stored", "repeated", "repeated", "stored", "repeated"])
        }
    }

    @Test func `an installation that is deleted loses its sessions at once and keeps its token`() async throws {
        try await InstallationWorld.run { here in
            try await here.call("token=still-good")
            let people = [try await here.signIn(), try await here.signIn(LoginWorld.ben)]
            for person in people { #expect(try await here.decide(person) == 200) }
            #expect(try await here.call("method=DELETE").map(\.status) == [204])
            for person in people { #expect(try await here.decide(person) == 401) }
            let stored = try await here.stored()
            #expect(stored?.status == .removing && here.token(stored) == "still-good")
            try await here.world.expectLogin(403)
        }
    }

    @Test func `the marketplace itself may ask and delete, and who may not install may neither`() async throws {
        try await InstallationWorld.run { here in
            #expect(try await here.call("method=GET").map(\.status) == [404])
            try await here.call("")
            let answers = try await here.call("method=GET")
            #expect(answers.map(\.status) == [200] && answers[0].body == [:])
            for method in ["PUT", "PATCH", "DELETE"] {
                let refused = try await here.call("method=\(method)&user=\(LoginWorld.ben)")
                #expect(refused.map(\.status) == [403] && refused[0].code == "forbidden", "\(method)")
            }
            for (method, auth) in [("PUT", "system"), ("PATCH", "system"), ("GET", "user")] {
                #expect(try await here.call("method=\(method)&auth=\(auth)").map(\.status) == [403], "\(method)")
            }
            #expect(try await here.stored()?.status == .active)
            #expect(try await here.call("method=DELETE&auth=system").map(\.status) == [204])
        }
    }

    @Test func `what was removed for good is not brought back`() async throws {
        try await InstallationWorld.run { here in
            try await here.call("")
            _ = try await here.world.client.send(
                HTTPClientRequest(
                    .post, here.world.standIn.url + "/stand-in/webhooks",
                    headers: ["Content-Type": "application/x-www-form-urlencoded"],
                    body: SecretBytes("type=integration-configuration.removed&age_ms=3600000"), timeout: .seconds(30)))
            let late = try await here.call("")
            #expect(late.map(\.status) == [409] && late[0].code == "conflict")
            let stored = try #require(try await here.stored())
            #expect(stored.status == .removed && stored.sealedToken.isEmpty)
        }
    }

    @Test func `without a hook a plan cannot be changed`() async throws {
        try await InstallationWorld.run { here in
            try await here.call("")
            let answer = try await here.call("method=PATCH")
            #expect(answer.map(\.status) == [409] && answer[0].code == "not_supported")
        }
    }

    /// Every bad token there is. Those that a login puts up with are put up with here, but for the two about a person.
    @Test func `RT-60: only the marketplace's own token for this installation does anything`() async throws {
        try await InstallationWorld.run { here in
            let faults = StandInFault.allCases.filter { $0.surface == .token }
            for fault in faults where !fault.isHarmless {
                here.world.standIn.fail(fault)
                let answer = try await here.call("token=spoiled")
                // The longest does not even fit a request's head.
                #expect(answer.map(\.status) == [fault == .hugeToken ? 400 : 403], "\(fault.rawValue)")
            }
            #expect(try await here.stored() == nil)
            for fault in faults where fault.isHarmless {
                here.world.standIn.fail(fault)
                #expect(try await here.call("token=good").map(\.status) == [204], "\(fault.rawValue)")
            }
            here.world.standIn.fail(.none)
            #expect(try await here.call("path=icfg_SomebodyElse").map(\.status) == [403])
            #expect(try await here.call("path=..%2f..").map(\.status) == [404])
            #expect(try await here.call("path=a/resources").map(\.status) == [404])
        }
    }

    @Test func `without keys a call is not judged, and is sent again`() async throws {
        try await InstallationWorld.run { here in
            here.world.standIn.fail(.jwks500)
            let answer = try await here.call("")
            #expect(answer.map(\.status) == [503] && answer[0].code == "keys_unavailable")
            #expect(try await here.stored() == nil)
        }
    }

    @Test(arguments: [
        (["X-Vercel-Auth": "user"], "{}", 403), (["Authorization": "Bearer a.b.c"], "{}", 400),
        (["Authorization": "Bearer a.b.c", "X-Vercel-Auth": "admin"], "{}", 400),
        (["Authorization": "Basic x", "X-Vercel-Auth": "user"], "{}", 403),
        (["Authorization": "Bearer eyJ.x.y", "X-Vercel-Auth": "user"], "{}", 403),
    ])
    func `a call that is none is refused in the documented shape`(
        _ headers: [String: String], _ body: String, _ status: Int
    ) async throws {
        try await InstallationWorld.run { here in
            let request = HTTPClientRequest(
                .put, here.world.gatewayURL + "/v1/installations/\(InstallationWorld.id)",
                headers: HTTPHeaders(headers.map { .init(name: $0.key, value: $0.value) }), body: SecretBytes(body),
                timeout: .seconds(30))
            let response = try await here.world.client.send(request)
            #expect(response.status.rawValue == status)
            guard case .object(let error)? = try JSONObject(parsing: response.body)["error"] else {
                Issue.record("no error")
                return
            }
            #expect(error["code"]?.text?.string == (status == 403 ? "forbidden" : "bad_request"))
            #expect(error["message"]?.text?.isEmpty == false)
        }
    }

    static func outcomes(_ here: InstallationWorld) -> [String] {
        here.world.log.all.filter { $0.hasPrefix("installation_called") }.compactMap { line in
            line.firstRange(of: "outcome=").map { String(line[$0.upperBound...].prefix { $0 != " " }) }
        }
    }
}

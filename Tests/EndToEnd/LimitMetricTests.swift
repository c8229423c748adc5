import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// The metrics of the code ledger and of requests that a limit refused.
@Suite struct LimitMetricTests {
    private static func metrics(_ world: LoginWorld) async throws -> [Substring] {
        let response = try await world.client.send(
            HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
        return (response.body.exposedText?.string ?? "").split(separator: "\n").filter {
            $0.hasPrefix("sso_gateway_limited") && !$0.hasSuffix(" 0")
                || $0.hasPrefix("sso_gateway_code_ledger_entries")
        }
    }

    @Test func `codes in memory and refused logins are counted`() async throws {
        try await LoginWorld.run { world in
            for number in 0..<22 {
                let answer = try await world.browser().get(
                    "/sso/callback?mode=sso&code=made-up-\(number)&state=s", headers: ["X-Forwarded-For": "203.0.113.9"]
                )
                #expect(answer.status == (number < 20 ? 400 : 429))
            }
            #expect(
                try await Self.metrics(world) == [
                    "sso_gateway_code_ledger_entries 20", #"sso_gateway_limited_requests_total{endpoint="login"} 2"#,
                ])
        }
    }

    @Test func `the marketplace's own limit is not counted as one of ours`() async throws {
        try await LoginWorld.run { world in
            world.standIn.fail(.token429)
            let limited = try await world.browser().callBack(world.standIn.click())
            #expect(limited.status == 429)
            #expect(try await Self.metrics(world) == ["sso_gateway_code_ledger_entries 1"])
        }
    }

    @Test func `a stored ledger has no series of codes in memory`() async throws {
        let folder = try TemporaryFolder()
        try await LoginWorld.run {
            $0.store = .sqlite(folder.path("gateway.db"))
        } _: { world in
            let metrics = try await Self.metrics(world)
            #expect(metrics.isEmpty)
        }
    }
}

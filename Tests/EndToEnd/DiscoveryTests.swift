import HTTP
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// The issuer's metadata, when they are missing or wrong.
@Suite struct DiscoveryTests {
    @Test(
        arguments: [
            (.discovery500, .discoveryUnavailable, "status"),
            (.discoveryGarbage, .discoveryUnavailable, "not_json"),
            (.discoveryHuge, .discoveryUnavailable, "unreachable"),
            (.discoveryOtherIssuer, .discoveryUnavailable, "issuer"),
            (.discoveryPlainHTTP, .discoveryUnavailable, "token_endpoint"),
            (.discoveryNoSecret, .discoveryUnavailable, "client_authentication"),
        ] as [(StandInFault, LoginFailure, String)])
    func `without usable metadata no login begins, and half a minute later it does`(
        fault: StandInFault, failure: LoginFailure, reason: String
    ) async throws {
        try await LoginWorld.standard { world in
            world.plan.clock.stop()
            world.standIn.fail(fault, times: 1)
            let browser = world.browser()
            let initiation = "/sso/oidc?iss=" + PercentEncoding.encode(world.standIn.url)
            for _ in 0..<3 {
                let page = try await browser.get(initiation)
                #expect(page.status == 503 && page.title == failure.title)
                #expect(world.lastFailure == reason)
                #expect(!browser.cookieNames.contains { $0.contains("oidc") })
            }
            #expect(world.standIn.counters.discoveryFetches == 1)
            world.plan.clock.advance(by: 31)
            #expect(try await browser.get(initiation).status == 303)
        }
    }

    @Test func `metadata is fetched once for many, and used during an outage`() async throws {
        try await LoginWorld.standard { world in
            world.plan.clock.stop()
            let initiation = "/sso/oidc?iss=" + PercentEncoding.encode(world.standIn.url)
            let statuses = try await ConcurrencyTests.atOnce(30) { _ in try await world.browser().get(initiation).status
            }
            #expect(statuses.allSatisfy { $0 == 303 })
            #expect(world.standIn.counters.discoveryFetches == 1)
            world.standIn.fail(.discovery500)
            world.plan.clock.advance(by: 80_000)
            #expect(try await world.browser().get(initiation).status == 303)
            world.plan.clock.advance(by: 10_000)
            let page = try await world.browser().get(initiation)
            #expect(page.status == 503)
        }
    }
}

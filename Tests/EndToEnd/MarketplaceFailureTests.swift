import TestSupport
import Testing

@testable import ProviderStandIn

/// The manual's failures of the marketplace that only TLS or a stopped process shows: what people, the log, the metrics and
/// `/ready` say, and what ends them.
@Suite struct MarketplaceFailureTests {
    private static let improper = "The marketplace did not answer properly"

    private static func expectRecovery(_ world: ProcessWorld, _ marketplace: TLSMarketplace) async throws {
        #expect(try await world.browser().callBack(marketplace.standIn.click()).status == 303)
        let report = try await world.ready()
        #expect(report.contains(#""status":"ready""#), "\(report)")
    }

    /// The log is written behind the answers.
    private static func expectFailedLogins(_ count: Int, _ world: ProcessWorld) async throws {
        for _ in 0..<600 where world.lines("login_failed").count < count {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(world.lines("login_failed").count == count)
    }

    private static func upstream(_ world: ProcessWorld, _ operation: String, _ outcome: String) async throws -> Double {
        let labels = #"operation="\#(operation)",outcome="\#(outcome)""#
        return try await world.metric("sso_gateway_upstream_requests_total{\(labels)}") ?? 0
    }

    @Test(arguments: [
        ("expired", "certificate has expired"), ("misnamed", "'127.0.0.1'"),
        ("other", "unable to get local issuer certificate"),
    ])
    func `a wrong certificate is refused in the words of TLS, and a right one ends it`(
        _ certificate: String, _ words: String
    ) async throws {
        try await TLSMarketplace.run("old") { world, marketplace in
            let ada = world.browser()
            #expect(try await ada.callBack(marketplace.standIn.click()).status == 303)
            let exchanges = marketplace.standIn.counters.exchanges
            // The last second of the expired one.
            try await Task.sleep(for: .milliseconds(1100))
            try marketplace.present(certificate)
            for failures in 1...3 {
                let refused = try await world.browser().callBack(marketplace.standIn.click())
                #expect(refused.status == 502 && refused.title == Self.improper && refused.session == nil)
                #expect(try await world.ready().contains("marketplace") == (failures == 3))
            }
            #expect(try await Self.upstream(world, "exchange", "tls") == 3)
            let line = try await world.process.line {
                $0.contains(#""event":"upstream_failed""#) && $0.contains(#""reason":"tls""#)
            }
            #expect(line.contains(words), "\(line)")
            try await Self.expectFailedLogins(3, world)
            // No code reached the wrong server.
            #expect(marketplace.standIn.counters.exchanges == exchanges)
            #expect(try await SignedInProcess.decision(ada, "/").status == 200)
            try marketplace.present("renewed")
            try await Self.expectRecovery(world, marketplace)
        }
    }

    @Test func `a certificate that is wrong from the start leaves the gateway without keys`() async throws {
        try await TLSMarketplace.run("misnamed") { world, marketplace in
            _ = try await world.process.line { $0.contains(#""event":"upstream_failed""#) }
            #expect(try await world.ready().contains("keys_missing"))
            // By the code alone, because no exchange can succeed.
            let refused = try await world.browser().callBack(marketplace.standIn.click())
            #expect(refused.status == 503 && refused.title == "Sign-in cannot be checked right now")
            #expect(try await Self.upstream(world, "keys", "tls") >= 1)
        }
    }

    /// Its system still accepts connections for it.
    @Test func `a marketplace whose process is stopped fails logins in time, and goes on when it goes on`() async throws
    {
        try await TLSMarketplace.run("old") { world, marketplace in
            let ada = world.browser()
            #expect(try await ada.callBack(marketplace.standIn.click()).status == 303)
            let (front, standIn) = (try #require(marketplace.front), marketplace.standIn)
            front.pause()
            // On the connection that the first login left, where that was kept: the request is sent, and has no answer.
            let sent = try await world.browser().callBack(marketplace.standIn.click())
            let late = try await Self.upstream(world, "exchange", "timed_out")
            if late == 1 {
                #expect(sent.status == 504 && sent.title == "The marketplace took too long to answer", "\(sent.title)")
            } else {
                #expect(late == 0 && sent.status == 502 && sent.title == Self.improper, "\(sent.title)")
            }
            // On new ones, which TLS never completes.
            async let second = world.browser().callBack(standIn.click())
            let third = try await world.browser().callBack(standIn.click(LoginWorld.ben))
            for answer in [try await second, third] {
                #expect(answer.status == 502 && answer.title == Self.improper && answer.session == nil)
            }
            #expect(try await Self.upstream(world, "exchange", "connect") == 3 - late)
            try await Self.expectFailedLogins(3, world)
            #expect(world.lines("upstream_failed").count >= 3)
            #expect(try await world.ready().contains("marketplace"))
            #expect(try await SignedInProcess.decision(ada, "/").status == 200)
            front.resume()
            try await Self.expectRecovery(world, marketplace)
        }
    }
}

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

/// The marketplace is down, or hangs: what the people, the log, the metrics and `/ready` get, and what ends it. Existing
/// sessions go on.
@Suite struct OutageTests {
    private static func decide(_ browser: TestBrowser) async throws -> Int {
        try await browser.get("/authz/nginx", headers: LoginWorld.original).status
    }

    private static func ready(_ world: LoginWorld) async throws -> String {
        let answer = try await world.client.send(
            HTTPClientRequest(.get, world.adminURL + "/ready", timeout: .seconds(10)))
        return answer.body.exposedText?.string ?? ""
    }

    private static func metrics(_ world: LoginWorld) async throws -> String {
        let answer = try await world.client.send(
            HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
        return answer.body.exposedText?.string ?? ""
    }

    @Test func `a gateway that starts before the marketplace serves sessions, and logins once it is there`()
        async throws
    {
        let settings = StandInSettings(integrations: [LoginWorld.Plan.acme()])
        let clock = TestClock()
        var plan = LoginWorld.Plan()
        plan.clock = clock
        let first = try StandInServer(settings, clock: clock)
        let cookie = try await LoginWorld.run(on: first, plan) { world in
            let ada = world.browser()
            let login = try await ada.callBack(first.click())
            #expect(login.status == 303)
            return ada[cookie: TestBrowser.sessionName]
        }
        let port = UInt16(first.server.port)
        await first.stop()
        try await LoginWorld.run(on: first, plan) { world in
            world.gateway.prepareKeys()
            for _ in 0..<3000 where !world.log.all.contains(where: { $0.hasPrefix("upstream_failed") }) {
                try await Task.sleep(for: .milliseconds(10))
            }
            let line = try #require(world.log.all.first { $0.hasPrefix("upstream_failed") })
            #expect(line.contains("operation=keys") && line.contains("reason=connect"), "\(line)")
            let metrics = try await Self.metrics(world)
            #expect(metrics.contains(#"upstream_requests_total{operation="keys",outcome="connect"} 1"#))
            #expect(metrics.contains(#"keys_fetches_total{integration="acme",outcome="unreachable"} 1"#), "\(metrics)")
            #expect(try await Self.ready(world).contains(#""reasons":["keys_missing"]"#))
            let ada = world.browser()
            ada[cookie: TestBrowser.sessionName] = cookie
            #expect(try await Self.decide(ada) == 200)
            let refused = try await world.browser().callBack("mode=sso&code=a&state=b")
            #expect(refused.status == 503 && refused.title == "Sign-in cannot be checked right now")

            let second = try StandInServer(settings, clock: clock, port: port)
            clock.advance(by: 31)
            #expect(try await world.browser().callBack(second.click()).status == 303)
            #expect(try await Self.ready(world).contains(#""status":"ready""#))
            await second.stop()
        }
    }
}

import CurlHTTPClient
import HTTP
import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// `/ready`: its status, its reasons, and the keys that are fetched at the start.
@Suite struct ReadyTests {
    private struct Ready: Equatable {
        let code: Int
        let status: String
        let reasons: [String]

        init(_ response: HTTPClientResponse) throws {
            code = response.status.rawValue
            let body = try JSONObject(parsing: response.body)
            status = body["status"]?.text?.string ?? ""
            guard case .array(let values)? = body["reasons"] else {
                reasons = ["no list"]
                return
            }
            reasons = values.compactMap { $0.text?.string }
        }

        init(_ code: Int, _ status: String, _ reasons: [String] = []) {
            self.code = code
            self.status = status
            self.reasons = reasons
        }
    }

    private static func ready(_ world: LoginWorld) async throws -> Ready {
        try Ready(
            try await world.client.send(HTTPClientRequest(.get, world.adminURL + "/ready", timeout: .seconds(10))))
    }

    @Test func `keys that are missing, there, and stale are told apart`() async throws {
        let clock = TestClock()
        try await LoginWorld.run {
            $0.clock = clock
        } _: { world in
            #expect(try await Self.ready(world) == Ready(200, "degraded", ["keys_missing"]))
            world.gateway.prepareKeys()
            for _ in 0..<3000 where try await Self.ready(world).status != "ready" {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await Self.ready(world) == Ready(200, "ready"))
            world.standIn.fail(.jwks500)
            clock.advance(by: 86_401)
            #expect(try await Self.ready(world) == Ready(200, "degraded", ["keys_stale"]))
        }
    }

    @Test func `a marketplace that fails three times in a row is a reason, until it answers`() async throws {
        try await LoginWorld.run { world in
            for failures in 0..<4 {
                let reasons = try await Self.ready(world).reasons
                #expect(reasons.contains("marketplace") == (failures >= 3), "\(failures)")
                world.standIn.fail(.token500)
                #expect(try await world.browser().callBack(world.standIn.click()).status == 502)
            }
            world.standIn.fail(.none)
            #expect(try await world.browser().callBack(world.standIn.click()).status == 303)
            #expect(try await Self.ready(world) == Ready(200, "ready"))
        }
    }

    @Test func `the keys are fetched at the start, before any login`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            for _ in 0..<3000 where standIn.counters.keyFetches == 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(standIn.counters.keyFetches == 1)
            #expect(try await world.browser().callBack(standIn.click()).status == 303)
            #expect(standIn.counters.keyFetches == 1)
        }
        await standIn.stop()
    }

    @Test func `after SIGTERM it says draining, for the delay, while the listeners still answer`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn, extra: "shutdown_delay: 3s") { world in
            let before = try await world.browser().get("http://admin.test/ready")
            #expect(before.status == 200)
            let began = ContinuousClock.now
            world.process.terminate()
            _ = try await world.process.line { $0.contains(#""event":"draining""#) }
            let ready = try await world.browser().get("http://admin.test/ready")
            #expect(ready.status == 503 && ready.body.contains(#""status":"draining""#))
            #expect(ready.body.contains(#""reasons":["draining""#))
            #expect(try await world.browser().callBack(standIn.click()).status == 303)
            #expect(try await world.process.exitCode() == 0)
            #expect(ContinuousClock.now - began >= .seconds(3))
        }
        await standIn.stop()
    }
}

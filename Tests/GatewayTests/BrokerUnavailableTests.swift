import HTTP
import JOSE
import Locking
import Marketplace
import SecretMemory
import Testing
import Untrusted

@testable import Gateway

/// What the broker's listener answers by itself looks like every other refusal of the broker's.
@Suite struct BrokerUnavailableTests {
    @Test(arguments: [
        (Unavailability.busy, "overloaded", true, 1), (.stopping, "stopping", true, 0),
        (.abandoned, "client_gone", false, 0),
    ])
    func `the server's own 503 is the broker's`(
        reason: Unavailability, code: String, hasWait: Bool, lines: Int
    ) throws {
        let logged = Locked<[String]>([])
        let log = EventLog { event, _, fields in logged.withLock { $0.append("\(event) \(fields)") } }
        var settings = TestWorld.settings(rules: RuleTable())
        settings.broker = BrokerSettings(clients: [])
        let gateway = Gateway(
            settings: settings, keyRing: TestWorld.ring, access: TestWorld.access, client: NoClient(),
            Observability(log: log, metrics: Metrics(), clock: TestWorld.clock))
        let response = try #require(gateway.broker).answer(unavailable: reason)
        #expect(response.status == .serviceUnavailable && response.headers["X-SSO-Broker"] == "refused")
        #expect((response.headers["Retry-After"] == "1") == hasWait)
        let body = try JSONObject(parsing: response.body)
        guard case .object(let error)? = body["error"] else { Issue.record("no error"); return }
        #expect(error["code"]?.isText(code) == true && body["request_id"]?.text?.count == 16)
        #expect(logged.withLock { $0.count } == lines)
    }
}

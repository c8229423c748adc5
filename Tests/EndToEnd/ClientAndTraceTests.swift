import CurlHTTPClient
import HTTP
import Locking
import SecretMemory
import Storage
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// The client's address and the trace of a request, in the log and at the marketplace.
@Suite struct ClientAndTraceTests {
    @Test func `events name the client that the trusted proxy reports`() async throws {
        try await LoginWorld.run { world in
            let client: HTTPHeaders = ["X-Forwarded-For": "198.51.100.1, 203.0.113.9"]
            let browser = world.browser()
            _ = try await browser.get("/sso/callback?\(world.standIn.click())", headers: client)
            _ = try await browser.get("/sso/callback?mode=sso&code=made-up&state=s", headers: client)
            _ = try await browser.get("/authz/nginx", headers: client)
            _ = try await browser.post("/sso/webhook", "a=b", headers: client)
            _ = try await browser.get("/v1/installations/icfg_1", headers: client)
            for event in [
                "login_succeeded", "login_failed", "decision_malformed", "webhook_refused", "installation_call_refused",
            ] {
                let lines = world.log.all.filter { $0.hasPrefix(event + " ") }
                #expect(
                    lines.count == 1 && lines.allSatisfy { $0.hasSuffix("client=203.0.113.9") }, "\(event): \(lines)")
            }
        }
    }

    @Test func `a client that is no trusted proxy is named by its socket`() async throws {
        let log = LogCollector()
        let observability = Observability(log: log.log, clock: .system)
        let settings = GatewaySettings(
            publicOrigin: try #require(WebOrigin(LoginWorld.origin)),
            integrations: [try Self.integration(api: "http://127.0.0.1:9", keys: "http://127.0.0.1:9")])
        let gateway = Gateway(
            settings: settings, keyRing: LoginWorld.freshRing(),
            access: LiveStore(MemoryStore(), lifetimes: settings.session, observability),
            client: try CurlHTTPClient(ClientSettings()), observability)
        let request = HTTPRequest(
            method: .get, target: try RequestTarget(SecretBytes("/authz/nginx")),
            headers: ["Host": "app.example.test", "X-Forwarded-For": "203.0.113.9"], body: SecretBytes(""),
            peer: .ip(try #require(IPAddress("192.0.2.1"))))
        guard case .now(let response) = gateway.answer(request) else {
            Issue.record("a refusal needs no wait")
            return
        }
        #expect(response.status == .forbidden)
        #expect(log.all.count == 1 && log.all[0].hasSuffix("reason=untrusted_peer client=192.0.2.1"))
    }

    private static func integration(api: String, keys: String) throws -> IntegrationSettings {
        IntegrationSettings(
            name: "acme", clientID: "oac_Acme", clientSecret: SecretBytes("secret"), slug: "acme",
            jwksURL: keys + "/.well-known/jwks", apiURL: api, routes: DeepLinkRoutes(default: try RouteTemplate("/")))
    }

    @Test(arguments: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-canary", nil])
    func `a valid traceparent goes to the marketplace and into the log, and no other`(_ sent: String?) async throws {
        let isValid = sent?.utf8.count == 55
        let marketplace = try ScriptedServer(
            .repeated([.awaitRequest, .send("HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\n{}")]))
        defer { marketplace.stop() }
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        let traces = Locked<[String]>([])
        let log = EventLog { event, _, _ in
            traces.withLock { $0.append("\(event.rawValue) \(TraceContext.current?.traceparent ?? "none")") }
        }
        let observability = Observability(log: log, clock: .system)
        let settings = GatewaySettings(
            publicOrigin: try #require(WebOrigin(LoginWorld.origin)),
            integrations: [
                try Self.integration(api: "http://127.0.0.1:\(marketplace.port)", keys: standIn.url)
            ])
        let client = try CurlHTTPClient(ClientSettings())
        defer { client.stop() }
        let gateway = Gateway(
            settings: settings, keyRing: LoginWorld.freshRing(),
            access: LiveStore(MemoryStore(), lifetimes: settings.session, observability), client: client, observability)
        var headers: HTTPHeaders = ["Host": "app.example.test"]
        if let sent { headers.append("traceparent", sent) }
        let request = HTTPRequest(
            method: .get, target: try RequestTarget(SecretBytes("/sso/callback?mode=sso&code=c&state=s")),
            headers: headers, body: SecretBytes(""), peer: .unixSocket)
        guard case .later(let work) = gateway.answer(request) else {
            Issue.record("a login needs a request")
            return
        }
        #expect(await work().status == .badRequest)
        await standIn.stop()
        let received = try #require(marketplace.requests.first)
        #expect(received.contains("traceparent: \(sent ?? "")\r\n") == isValid)
        #expect(received.contains("traceparent") == isValid)
        #expect(traces.withLock { $0 } == ["login_failed \(isValid ? sent ?? "" : "none")"])
    }
}

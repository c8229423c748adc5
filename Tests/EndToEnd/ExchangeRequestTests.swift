import CurlHTTPClient
import HTTP
import Marketplace
import MicroHTTPServer
import SecretMemory
import Storage
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

@Suite struct ExchangeRequestTests {
    @Test func `RT-19 nothing of the browser's request but the code and the state`() async throws {
        let marketplace = try ScriptedServer(
            .repeated([.awaitRequest, .send("HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\n{}")]))
        defer { marketplace.stop() }
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        let api = "http://127.0.0.1:\(marketplace.port)"
        let settings = GatewaySettings(
            publicOrigin: try #require(WebOrigin(LoginWorld.origin)),
            integrations: [
                IntegrationSettings(
                    name: "acme", clientID: "oac_Acme", clientSecret: SecretBytes("s&cret"), slug: "acme",
                    jwksURL: standIn.url + "/.well-known/jwks", apiURL: api,
                    routes: DeepLinkRoutes(default: try RouteTemplate("/")))
            ])
        let client = try CurlHTTPClient(ClientSettings(userAgent: "sso-gateway/test"))
        defer { client.stop() }
        let gateway = Gateway(
            settings: settings, keyRing: LoginWorld.freshRing(),
            access: LiveStore(MemoryStore(), lifetimes: settings.session, Observability(clock: .system)),
            client: client,
            Observability(clock: .system))
        let headers: HTTPHeaders = [
            "Host": "app.example.test", "Cookie": "canary=1", "Authorization": "Bearer canary", "User-Agent": "canary",
            "Accept": "text/canary", "X-Canary": "canary", "Content-Type": "text/canary", "Referer": "https://canary/",
            "X-Forwarded-For": "192.0.2.77", "Accept-Language": "canary", "Proxy-Authorization": "canary",
            "Origin": "https://canary", "traceparent": "00-canary", "Transfer-Encoding": "canary", "Expect": "canary",
        ]
        let request = HTTPRequest(
            method: .get,
            target: try RequestTarget(SecretBytes("/sso/callback?mode=sso&code=c%2Bode&state=st%26ate&x=canary")),
            headers: headers, body: SecretBytes("canary"), peer: .unixSocket)
        guard case .later(let work) = gateway.answer(request) else { preconditionFailure("a login needs a request") }
        #expect(await work().status == .badRequest)
        await standIn.stop()

        let requests = marketplace.requests
        #expect(requests.count == 1)
        let lines = (requests.first ?? "").split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        let body = try #require(lines.last)
        #expect(
            Set(lines.dropLast(2)) == [
                "POST /v1/integrations/sso/token HTTP/1.1", "Host: 127.0.0.1:\(marketplace.port)",
                "User-Agent: sso-gateway/test", "Accept: application/json",
                "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
            ])
        #expect(
            body == #"{"grant_type":"authorization_code","client_id":"oac_Acme","client_secret":"s&cret","#
                + #""code":"c+ode","state":"st&ate"}"#)
        #expect(!(requests.first ?? "").contains("canary") && !(requests.first ?? "").contains("192.0.2.77"))
    }
}

import CurlHTTPClient
import Foundation
import HTTP
import MicroHTTPServer
import TestSupport
import Testing

@testable import ProviderStandIn

private let hasIPv6 =
    (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains("00000000000000000000000000000001")
    == true

/// Listeners, the marketplace and the proxy on `[::1]` alone.
@Suite(.enabled(if: hasIPv6, "this machine has no IPv6")) struct IPv6Tests {
    /// `origin`: how browsers name the app.
    @Test(arguments: [LoginWorld.origin, "https://[2001:db8::7]"])
    func `a login over IPv6 alone ends in a session that decides`(_ origin: String) async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]), host: "::1")
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: standIn.url, listen: "\"[::1]:0\"")
        let text = try String(contentsOfFile: file, encoding: .utf8)
            .replacing("admin_listen: 127.0.0.1:0", with: "admin_listen: \"[::1]:0\"")
            .replacing("public_url: \(LoginWorld.origin)", with: "public_url: \"\(origin)\"")
        try folder.write("gateway.yaml", text)
        let process = try GatewayProcess(["serve", "--config", file, "--log-format", "json"], in: folder)
        defer { process.child.end() }
        let ports = try await process.ports(on: "[::1]:")
        let client = try CurlHTTPClient(ClientSettings())
        defer { client.stop() }
        let (open, admin) = ("http://[::1]:\(ports.open)", "http://[::1]:\(ports.admin)")
        let browser = TestBrowser(client, [LoginWorld.origin: open, "http://admin.test": admin])
        let login = try await browser.callBack(standIn.click())
        #expect(login.status == 303 && login.session != nil, "\(login.title)")
        #expect(standIn.counters.exchanges == 1 && standIn.counters.memberLookups == 1)
        let decision = try await browser.get(
            "/authz/nginx",
            headers: [
                "X-Original-Method": "GET", "X-Original-URI": "/", "X-Forwarded-Proto": "https",
                "X-Forwarded-Host": String(origin.dropFirst("https://".count)),
            ])
        #expect(decision.status == 200 && decision.headers["X-Auth-Request-User"] == LoginWorld.ada)
        #expect(try await browser.get("http://admin.test/ready").body.contains(#""status":"ready""#))
        #expect(!process.output.contains("127.0.0.1"))
        await standIn.stop()
    }
}

import ArgumentParser
import Foundation
import Gateway
import HTTP
import TestSupport
import Testing

@testable import sso_gateway

/// The texts themselves; Tests/Proxies runs them.
@Suite struct SnippetTests {
    private static func text(
        _ proxy: String, _ arguments: [String] = [], url: String = "https://app.example.test", more: String = "",
        callback: String = "/sso/callback"
    ) throws -> String {
        let folder = try TemporaryFolder()
        let ring = folder.path("keys.json")
        try KeyRingOnDisk.create(ring, now: 0)
        let path = try folder.write(
            "gateway.yaml",
            """
            public_url: \(url)
            key_ring: \(ring)
            \(more)
            integrations:
              live:
                client_id: oac_Test
                client_secret: s
                slug: acme
                callback_path: \(callback)
                routes: { default: /dashboard }
            """)
        let command = try #require(
            try SSOGateway.parseAsRoot(["snippet", proxy, "--config", path] + arguments) as? SnippetCommand)
        return try command.text(ReadConfiguration(path: path, environment: [:]).read())
    }

    static let proxies = ProxyKind.allCases.map(\.rawValue)

    @Test(arguments: proxies) func `sends the addresses of standard logins to the gateway, wherever they are`(
        proxy: String
    )
        throws
    {
        let text = try Self.text(proxy, callback: "/sso/callback\n    oidc_path: /login/vercel")
        #expect(text.contains("/login/vercel/callback"))
    }

    @Test(arguments: proxies, ["auth-request", "remote", "forwarded"])
    func `sets or clears every name under which an app might look`(proxy: String, family: String) throws {
        let text = try Self.text(proxy, more: "headers: \(family)").lowercased()
        let others = [
            "Forwarded", "X-Forwarded-Prefix", "X-Real-Ip", "X-SSO-Role", "X-SSO-Role-Age",
            "X-SSO-Session", "X-SSO-Assertion", "X-SSO-Login", "X-SSO-Page", "X-SSO-Decision", "X-HTTP-Method-Override",
            "Script-Name",
        ]
        for name in IdentityHeaderFamily.allCases.flatMap(\.names) + ProxyDialect.family + others {
            // Where a proxy can, it clears whole families of names.
            let isOfFamily = ProxySite.families.contains { family in
                name.hasPrefix(family) && text.replacing("%-", with: "-").contains(family.lowercased())
            }
            let isNamed = text.contains(name.lowercased()) || isOfFamily && !["nginx", "traefik"].contains(proxy)
            #expect(isNamed, "\(name)")
        }
    }

    @Test func `RT-05 every snippet drops names that programs fold`() throws {
        let marks = [
            "nginx": ["ignore_invalid_headers on", "underscores_in_headers off"],
            "caddy": ["request_header -*_*", "request_header -*.*", "request_header -*~*"],
            "haproxy": ["del-header [^A-Za-z0-9-] -m reg"], "traefik": ["aliasHeadersStrategy: delete"],
            "envoy": ["headers_with_underscores_action: DROP_HEADER", #"find("^:?[a-z0-9-]+$")"#],
        ]
        for proxy in Self.proxies {
            let text = try Self.text(proxy)
            for mark in try #require(marks[proxy]) { #expect(text.contains(mark), "\(proxy): \(mark)") }
        }
    }

    @Test func `RT-97 Traefik's own redirect is used and no errors middleware`() throws {
        #expect(!(try Self.text("traefik")).contains("errors:"))
        #expect(try Self.text("traefik").contains("trustForwardHeader: false"))
        #expect(try Self.text("envoy").contains("failure_mode_allow: false"))
    }

    @Test(arguments: proxies)
    func `sends signing in and callbacks elsewhere to the gateway`(proxy: String) throws {
        let text = try Self.text(proxy, callback: "/auth/vercel")
        #expect(text.contains("/sso/") && text.contains("/auth/vercel") && text.contains("/auth/vercel/"))
        #expect(throws: UnsupportedSite.self) { try Self.text(proxy, callback: "/a$b") }
    }

    @Test func `reaches sockets where the proxy can`() throws {
        let arguments = ["--gateway", "unix:/run/sso.sock", "--app", "unix:/run/app.sock"]
        #expect(try Self.text("nginx", arguments).contains("server unix:/run/sso.sock max_fails=0;"))
        #expect(try Self.text("caddy", arguments).contains("reverse_proxy unix//run/sso.sock"))
        #expect(try Self.text("haproxy", arguments).contains("server gateway unix@/run/sso.sock"))
        #expect(try Self.text("haproxy", arguments).contains(#"dst = "unix@/run/sso.sock""#))
        #expect(try Self.text("envoy", arguments).contains("pipe: { path: /run/sso.sock }"))
        #expect(throws: UnsupportedSite.self) { try Self.text("traefik", arguments) }
    }

    @Test(arguments: ["app;evil:80", "app:80 {", "127.0.0.1", "unix:relative", ":80", "a\nb:80", "app:0", "app:99999"])
    func `refuses an address that could say more than an address`(app: String) {
        for proxy in Self.proxies {
            #expect(throws: UnsupportedSite.self) { try Self.text(proxy, ["--app", app]) }
        }
    }

    @Test func `an inherited listener needs an address from outside`() throws {
        #expect(throws: UnsupportedSite.self) { try Self.text("nginx", more: "listen: fd:3") }
        #expect(
            try Self.text("nginx", ["--gateway", "gateway.internal:4180"], more: "listen: fd:3").contains(
                "gateway.internal:4180"))
        #expect(try Self.text("nginx", more: "listen: 127.0.0.1:4999").contains("server 127.0.0.1:4999 max_fails=0;"))
    }

    @Test(arguments: proxies)
    func `RT-128 the block and the manual name the same oldest version`(proxy: String) throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Gateway/Gateway.docc/Proxies.md")
        let row = try #require(
            String(contentsOf: page, encoding: .utf8).split(separator: "\n").first {
                $0.lowercased().hasPrefix("| \(proxy) |")
            })
        let comment = try Self.text(proxy).split(separator: "\n").prefix { $0.hasPrefix("#") }.joined(separator: "\n")
        let version = try #require(comment.firstMatch(of: #/[Ff]rom (\d+(\.\d+)+)/#)).output.1
        // The third column; Envoy's names several.
        let oldest = row.split(separator: "|")[2].split(separator: ",")[0].filter { $0 != " " }
        #expect(oldest == version)
    }

    @Test func `one file of several`() throws {
        let whole = try Self.text("haproxy")
        let configuration = try Self.text("haproxy", ["--part", "configuration"])
        let script = try Self.text("haproxy", ["--part", "script"])
        #expect(whole.contains(configuration) && whole.contains(script))
        #expect(throws: UnsupportedSite.self) { try Self.text("nginx", ["--part", "script"]) }
    }

    @Test(arguments: proxies)
    func `a public origin is served with TLS on its port`(proxy: String) throws {
        let text = try Self.text(proxy, url: "https://app.example.test:8443")
        #expect(text.contains("8443"))
        let marks = [
            "nginx": "listen 8443 ssl http2;", "caddy": "https://app.example.test:8443 {", "traefik": "tls: {}",
            "envoy": "DownstreamTlsContext", "haproxy": "bind *:8443 ssl crt ",
        ]
        #expect(text.contains(try #require(marks[proxy])))
    }
}

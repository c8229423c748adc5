import TestSupport
import Testing

/// What the gateway makes of decision requests in the words of Traefik and Envoy, byte by byte: also those that neither
/// sends with our block, because a client's headers would have to reach the gateway.
///
/// Traefik: <https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/>, the table of
/// `X-Forwarded-` headers; in the order in which Go writes headers. Envoy:
/// <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ext_authz/v3/ext_authz.proto>,
/// `path_prefix` and `allowed_headers`: `Host`, method, path and an empty `Content-Length` are always sent.
@Suite(.enabled(if: RealProxy.installed.contains(.nginx), "needs nginx to sign in through"))
struct `Decision requests in the words of Traefik and Envoy` {
    private static func traefik(
        _ uri: String, method: String = "GET", scheme: String = "https", client: [String] = [], cookie: String?
    ) -> [String] {
        ["GET /authz/traefik HTTP/1.1", "Host: 127.0.0.1:4180", "User-Agent: Go-http-client/1.1"] + client
            + (cookie.map { ["Cookie: \($0)"] } ?? []) + [
                "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Host: localhost", "X-Forwarded-Method: \(method)",
                "X-Forwarded-Port: 443", "X-Forwarded-Proto: \(scheme)", "X-Forwarded-Server: traefik-0",
                "X-Forwarded-Uri: \(uri)", "X-Real-Ip: 192.0.2.7", "Accept-Encoding: gzip",
            ]
    }

    private static func envoy(
        _ uri: String, method: String = "GET", scheme: String = "https", client: [String] = [], cookie: String?
    ) -> [String] {
        ["\(method) /authz/envoy\(uri) HTTP/1.1", "host: localhost", "content-length: 0"]
            + client.map { $0.split(separator: ":")[0].lowercased() + $0.drop { $0 != ":" } }
            + (cookie.map { ["cookie: \($0)"] } ?? []) + [
                "x-forwarded-proto: \(scheme)", "x-envoy-internal: true", "x-forwarded-for: 192.0.2.1",
                "x-envoy-expected-rq-timeout-ms: 5000",
            ]
    }

    /// Each proxy's decision request: target, method, scheme, headers of the client, its cookies.
    private static let proxies:
        [(name: String, ask: @Sendable (String, String, String, [String], String?) -> [String])] = [
            ("traefik", { traefik($0, method: $1, scheme: $2, client: $3, cookie: $4) }),
            ("envoy", { envoy($0, method: $1, scheme: $2, client: $3, cookie: $4) }),
        ]
    private static let navigation = ["Accept: text/html", "Sec-Fetch-Mode: navigate"]

    private static func send(_ lines: [String], to site: ProxiedApp) throws -> RawResponse {
        let connection = try RawConnection(port: site.gatewayPort)
        connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try #require(connection.receiveResponse(isHead: lines[0].hasPrefix("HEAD ")))
    }

    @Test func `each proxy forwards the gateway's answer`() async throws {
        try await ProxiedApp.run { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            let cookie = try ben.cookie
            for (name, ask) in Self.proxies {
                func answer(
                    _ uri: String, _ method: String = "GET", _ scheme: String = "https", _ client: [String] = [],
                    as cookie: String?
                ) throws -> RawResponse { try Self.send(ask(uri, method, scheme, client, cookie), to: site) }

                let allowed = try answer("/reports?year=1843", "POST", "https", ["Accept: */*"], as: cookie)
                #expect(allowed.status == 200 && allowed.body.isEmpty, "\(name)")
                #expect(allowed["X-Auth-Request-User"] == Member.ben && allowed["X-SSO-Role"] == "USER")
                #expect(try answer("/admin/users", as: cookie).status == 403)

                let page = try answer("/reports?year=1843", "GET", "https", Self.navigation, as: nil)
                let start = "/sso/start?integration=demo&rd=%2Freports%3Fyear%3D1843"
                #expect(page.status == 302)
                // Traefik resolves a path against the gateway's address, so the answer has a whole URL.
                #expect(page["Location"] == (name == "traefik" ? site.url : "") + start)

                let program = try answer("/api", "GET", "https", ["Accept: application/json"], as: nil)
                #expect(program.status == 401 && program["Location"] == nil)
                #expect(program.body.contains(#""code":"not_signed_in""#))
                let unsent = try answer("/form", "POST", "https", Self.navigation, as: nil)
                #expect(unsent.body.hasPrefix("<!doctype html>"), "\(name)")
                for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                    let form = try answer("/form", method, "https", Self.navigation, as: nil)
                    #expect(form.status == 401 && form["Location"] == nil, "\(name) \(method)")
                }
                let open = try answer("/public/x", as: nil)
                #expect(open.status == 200 && open["X-Auth-Request-User"] == "" && open["X-SSO-Session"] == "")
                #expect(try answer("/public/x", "GET", "gopher", as: cookie).status == 400)
                // Traefik alone calls a WebSocket's scheme by its own name.
                #expect(try answer("/socket", "GET", "wss", as: cookie).status == (name == "traefik" ? 200 : 400))
            }
        }
    }

    @Test func `RT-04 RT-06 RT-22 RT-24 RT-25 what could be read otherwise is refused`() async throws {
        try await ProxiedApp.run { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            let cookie = try ben.cookie
            let paths = [
                "/public/../admin/users", "/public/%2e%2e/admin/users", "/public/..%2fadmin",
                "/public/%252e%252e/admin",
                "/public/..;/admin", "/public\\..\\admin", "/admin%23", "/public#/../admin", "/%00",
                "/public/%c0%ae%c0%ae/admin",
            ]
            // Every reading of these is decided, and the strictest holds.
            let decided = ["//admin/users", "/admin;x/users", "/admin%20", "/admin%3fx"]
            for (name, ask) in Self.proxies {
                for path in paths {
                    let response = try Self.send(ask(path, "GET", "https", [], cookie), to: site)
                    #expect(response.status == 400, "\(name) \(path): \(response.status)")
                }
                for path in decided {
                    let response = try Self.send(ask(path, "GET", "https", [], cookie), to: site)
                    #expect(response.status == 403, "\(name) \(path): \(response.status)")
                }
                for forged in [
                    "X_Forwarded_Uri: /public/", "X.Forwarded.Uri: /public/", "X-Original-URI: /public/",
                    "X_Original_URI: /public/", "X-Rewrite-URL: /public/", "X~Forwarded~Host: evil.test",
                ] {
                    let response = try Self.send(ask("/admin/users", "GET", "https", [forged], cookie), to: site)
                    #expect(response.status == 400, "\(name) \(forged)")
                }
                for harmless in ["X-Forwarded-Prefix: /public", "X-Envoy-Original-Path: /public/", "User-Agent2: x"] {
                    let response = try Self.send(ask("/admin/users", "GET", "https", [harmless], cookie), to: site)
                    #expect(response.status == 403, "\(name) \(harmless)")
                }
            }
        }
    }

    @Test func `RT-96 Envoy's decision requests have the app's own paths`() async throws {
        try await ProxiedApp.run { site in
            for path in [
                "/ping", "/ready", "/metrics", "/robots.txt", "/.well-known/jwks.json", "/sso/start", "/sso/session",
                "/sso/assets/gateway.css", "/authz/nginx", "/oauth2/auth", "/", "/favicon.ico",
            ] {
                let response = try Self.send(Self.envoy(path, cookie: nil), to: site)
                #expect(response.status == 401, "\(path): \(response.status)")
            }
            // Not below the prefix: no decision request, and no answer that allows.
            for line in ["GET /ping HTTP/1.1", "GET /authz/envoy HTTP/1.1", "GET /robots.txt HTTP/1.1"] {
                let response = try Self.send([line] + Self.envoy("/", cookie: nil).dropFirst(), to: site)
                #expect(response.status == 404, "\(line)")
            }
        }
    }
}

import Gateway

/// Traefik's two files, from 3.7.13. The ForwardAuth middleware sends the decision request, and the routers below it
/// require `X-SSO-Decision`. The `errors` middleware is not used: it sends all of the client's headers, with the cookies,
/// to the server of the error page.
/// <https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/>
/// <https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/multi-layer-routing/>
/// <https://doc.traefik.io/traefik/security/header-aliases/>
struct TraefikSnippet {
    static let staticFile = "/etc/traefik/traefik.yml"
    static let dynamicFile = "/etc/traefik/sso-gateway.yml"

    let site: ProxySite

    var staticText: String {
        """
        # Traefik for \(site.origin), from 3.7.13, the first that drops both header aliases and `Upgrade: h2c`.
        # Save as: \(Self.staticFile)
        # Start:   traefik --configFile=\(Self.staticFile)
        # Without the second file Traefik starts all the same, logs an error and answers 404.
        entryPoints:
          sso:
            address: "\(site.loopback.map { $0.contains(":") ? "[\($0)]" : $0 } ?? ""):\(site.port)"
            http:
              # Programs that fold names read `X_SSO_Role` and `X.SSO.Role` as `X-SSO-Role`: such headers are dropped.
              aliasHeadersStrategy: delete
              # The gateway decides about `//` and `/../` as the client wrote them.
              sanitizePath: false
              # A `;` in a query becomes `%3B`. It would become `&`, which parts two values.
              encodeQuerySemicolons: true\(site.origin.isSecure ? "\n      tls: {}" : "")
            transport:
              respondingTimeouts:
                # For one whole upload. Answers and WebSockets may last longer.
                readTimeout: 1h
          # ForwardAuth waits 30 s for its answer. Its requests go through this entry point, which waits 5 s for the gateway.
          sso-authorization:
            address: "\(authorization)"
            forwardedHeaders:
              # The decision request names the original request in these headers.
              trustedIPs: [127.0.0.1]
              notAppendXForwardedFor: true
        providers:
          file:
            filename: \(Self.dynamicFile)

        """
    }

    /// Throws for a gateway or an app on a Unix socket, which Traefik cannot reach.
    func dynamicText() throws(UnsupportedSite) -> String {
        guard let gateway = site.gateway.hostAndPort, let app = site.app.hostAndPort else {
            throw UnsupportedSite(description: "Traefik needs TCP: give `--gateway` or `--app` as host:port")
        }
        return """
            # Save as: \(Self.dynamicFile)
            http:
              routers:
            \(eachHost(routers))
                # Any other host, or none, and a CONNECT, which would open a tunnel.
                sso-other:
                  entryPoints: [sso]
                  rule: "Host(`*`)"
                  priority: 1
                  middlewares: [sso-misdirected]
                  service: sso-nothing

                # Requests that the gateway allowed. A 2xx without `\(ProxySite.proof): allowed` is from another program
                # at the gateway's address.
                sso-websocket:
                  parentRefs: \(parents)
                  rule: >-
                    \(proven) && Method(`GET`)
                    && Header(`Connection`, `Upgrade`) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)
                  priority: 4
                  middlewares: [sso-websocket]
                  service: sso-app
                sso-renewed:
                  parentRefs: \(parents)
                  rule: "\(proven) && HeaderRegexp(`Set-Cookie`, `.`)"
                  priority: 3
                  middlewares: [sso-plain, sso-private]
                  service: sso-app
                sso-allowed:
                  parentRefs: \(parents)
                  rule: "\(proven)"
                  priority: 2
                  middlewares: [sso-plain]
                  service: sso-app
                sso-unproven:
                  parentRefs: \(parents)
                  rule: "Host(`*`)"
                  priority: 1
                  service: sso-nothing

                # The decision request, on its way to the gateway.
                sso-authorization:
                  entryPoints: [sso-authorization]
                  rule: "Path(`/authz/traefik`)"
                  service: sso-authorization

              middlewares:
                # Headers of the gateway, and those that an app may read as another address or method than the gateway
                # decided about.
                sso-clear:
                  headers:
                    customRequestHeaders:
            \(site.cleared.map { "          \($0): \"\"" }.joined(separator: "\n"))

                # One name for each host, not the client's port or letter case.
            \(eachHost(name))

                # After a 2xx the routers above check that header. Any other answer goes to the client unchanged.
                sso-decision:
                  forwardAuth:
                    address: http://\(authorization)/authz/traefik
                    trustForwardHeader: false
                    maxResponseBodySize: 1048576
                    # The decision request has no other header of the client, and no body.
                    authRequestHeaders: [\(forwarded)]
                    # Each of these headers has the gateway's value or none.
                    authResponseHeaders:
            \((site.identity + [ProxySite.proof, "Set-Cookie"]).map { "          - \($0)" }.joined(separator: "\n"))
                    # A renewed session.
                    addAuthCookiesToResponse: [\(site.cookie)]

                # The app never gets the client's own `Upgrade`: a WebSocket is the only other protocol.
                sso-websocket:
                  headers:
                    customRequestHeaders:
                      { Upgrade: websocket, Connection: Upgrade, \(ProxySite.proof): "", Set-Cookie: "" }
                sso-plain:
                  headers:
                    customRequestHeaders: { Upgrade: "", Connection: "", \(ProxySite.proof): "", Set-Cookie: "" }

                # No cache may keep a renewed session.
                sso-private:
                  headers:
                    customResponseHeaders:
                      { Cache-Control: "private, no-store", CDN-Cache-Control: "", Expires: "", Surrogate-Control: "" }

                # Traefik has no fixed answers. No client has this address, so every request is refused.
                sso-misdirected:
                  ipAllowList: { sourceRange: [255.255.255.255], rejectStatusCode: 421 }

              services:
                sso-gateway:
                  loadBalancer:
                    servers: [{ url: "http://\(gateway)" }]
                sso-authorization:
                  loadBalancer:
                    servers: [{ url: "http://\(gateway)" }]
                    serversTransport: sso-authorization
                sso-app:
                  loadBalancer:
                    servers: [{ url: "http://\(app)" }]
                # Answers 503.
                sso-nothing:
                  loadBalancer:
                    servers: []

              serversTransports:
                sso-authorization:
                  forwardingTimeouts: { dialTimeout: 2s, responseHeaderTimeout: 5s }
            \(certificate)
            """
    }

    /// The entry point of Traefik's own decision requests.
    private var authorization: String { "127.0.0.1:\(site.innerPort)" }

    /// `Upgrade` is not here: ForwardAuth never sends it.
    private var forwarded: String { ProxySite.forwarded.filter { $0 != "Upgrade" }.joined(separator: ", ") }

    private var proven: String { "Header(`\(ProxySite.proof)`, `allowed`)" }

    private var parents: String {
        "[" + site.hosts.indices.map { "sso-app-\($0)" }.joined(separator: ", ") + "]"
    }

    private func eachHost(_ text: (Int, ProxySite.Host) -> String) -> String {
        site.hosts.enumerated().map { text($0.offset, $0.element) }.joined(separator: "\n")
    }

    private func routers(_ number: Int, _ host: ProxySite.Host) -> String {
        """
            # \(host.authority): signing in and out, and everything else, which is the app's.
            sso-gateway-\(number):
              entryPoints: [sso]
              rule: "Host(`\(host.name)`) && (\(gatewayRule(host)))"
              priority: 3
              middlewares: [sso-clear, sso-name-\(number), sso-plain]
              service: sso-gateway
            sso-app-\(number):
              entryPoints: [sso]
              rule: "Host(`\(host.name)`) && !Method(`CONNECT`)"
              priority: 2
              middlewares: [sso-clear, sso-name-\(number), sso-decision]
        """
    }

    private func gatewayRule(_ host: ProxySite.Host) -> String {
        let prefixes = host.gatewayPrefixes.map { "PathPrefix(`\($0)`)" }
        return (prefixes + host.gatewayPaths.map { "Path(`\($0)`)" }).joined(separator: " || ")
    }

    private func name(_ number: Int, _ host: ProxySite.Host) -> String {
        """
            sso-name-\(number):
              headers:
                customRequestHeaders:
                  Host: "\(host.authority)"
                  X-Forwarded-Host: "\(host.authority)"
                  X-Forwarded-Proto: \(site.scheme)
        """
    }

    private var certificate: String {
        guard site.origin.isSecure else { return "" }
        return """

            # For every host, and for clients that name none.
            tls:
              stores:
                default:
                  defaultCertificate:
                    certFile: \(site.certificate)
                    keyFile: \(site.certificateKey)

            """
    }
}

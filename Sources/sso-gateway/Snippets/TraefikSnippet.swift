import Gateway

/// Traefik's two files, from 3.7.12. The ForwardAuth middleware passes on a redirect by itself; the `errors` middleware
/// would show every header of the client, cookies included, to whoever makes the error page.
/// <https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/>
/// <https://doc.traefik.io/traefik/security/header-aliases/>
struct TraefikSnippet {
    static let dynamicFile = "/etc/traefik/dynamic/sso-gateway.yml"

    let site: ProxySite

    var staticText: String {
        """
        entryPoints:
          sso:
            address: "\(site.origin.isLoopback ? "127.0.0.1" : ""):\(site.port)"
            http:
              # Programs that fold names read `X_SSO_Role` and `X.SSO.Role` as `X-SSO-Role`: no header with such a name
              # gets any further. An older Traefik than 3.7.12 does not start with this line, and must not be used.
              aliasHeadersStrategy: delete
        providers:
          file:
            filename: \(Self.dynamicFile)

        """
    }

    /// Throws for a gateway on a Unix socket, which ForwardAuth cannot ask.
    func dynamicText() throws(UnsupportedSite) -> String {
        guard let gateway = site.gateway.hostAndPort, let app = site.app.hostAndPort else {
            throw UnsupportedSite(description: "Traefik asks over TCP only: give `--gateway` or `--app` as host:port")
        }
        return """
            http:
              routers:
                # Signing in and out.
                sso-gateway:
                  entryPoints: [sso]
                  rule: "Host(`\(site.origin.host)`) && (\(gatewayRule))"
                  priority: 1000
                  service: sso-gateway\(tls)
                # Everything else is the app's.
                sso-app:
                  entryPoints: [sso]
                  rule: "Host(`\(site.origin.host)`)"
                  priority: 1
                  middlewares: [sso-clear, sso-decision]
                  service: sso-app\(tls)

              middlewares:
                # What only the gateway may say, or what names another address than the one that is asked about.
                sso-clear:
                  headers:
                    customRequestHeaders:
            \(site.cleared.map { "          \($0): \"\"" }.joined(separator: "\n"))

                # 2xx opens; anything else, a redirect included, goes to the client as it is; no answer is a 500.
                sso-decision:
                  forwardAuth:
                    address: http://\(gateway)/authz/traefik
                    trustForwardHeader: false
                    # Nothing else of the client's reaches the gateway, and no body does.
                    authRequestHeaders: [\(ProxySite.asked.joined(separator: ", "))]
                    # Every header that is named here is the gateway's or gone.
                    authResponseHeaders:
            \(site.identity.map { "          - \($0)" }.joined(separator: "\n"))
                    # A renewed session.
                    addAuthCookiesToResponse: [\(site.cookie)]

              services:
                sso-gateway:
                  loadBalancer:
                    servers: [{ url: "http://\(gateway)" }]
                sso-app:
                  loadBalancer:
                    servers: [{ url: "http://\(app)" }]

            """
    }

    private var gatewayRule: String {
        (["PathPrefix(`/sso/`)"] + site.callbacks.map { "Path(`\($0)`)" }).joined(separator: " || ")
    }

    private var tls: String { site.origin.isSecure ? "\n      tls: {}" : "" }
}

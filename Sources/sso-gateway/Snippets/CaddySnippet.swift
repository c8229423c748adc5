import Gateway

/// A Caddyfile site. What `forward_auth` is short for, written out: the short form passes no renewed cookie back.
/// <https://caddyserver.com/docs/caddyfile/directives/forward_auth>
struct CaddySnippet {
    let site: ProxySite

    var text: String {
        """
        # Caddy for \(site.origin): a site of the Caddyfile.
        (sso_identity) {
        \(site.identity.map { "\trequest_header \($0) {http.reverse_proxy.header.\(canonical($0))}" }.joined(separator: "\n"))
        }

        \(site.origin) {\(site.origin.isLoopback ? "\n\tbind 127.0.0.1" : "")
        \troute {
        \t\t# Signing in and out.
        \t\t@sso path \((["/sso/*"] + site.callbacks).joined(separator: " "))
        \t\thandle @sso {
        \t\t\treverse_proxy \(address(site.gateway))
        \t\t}

        \t\t# Everything else is the app's.
        \t\thandle {
        \t\t\t# Programs that fold names read `X_SSO_Role` and `X.SSO.Role` as `X-SSO-Role`: no header with such a name
        \t\t\t# gets any further.
        \(ProxySite.aliasCharacters.map { "\t\t\trequest_header -*\($0)*" }.joined(separator: "\n"))
        \t\t\t# Nor what only the gateway may say, or what names another address than the one that is asked about.
        \(site.cleared.map { "\t\t\trequest_header -\($0)" }.joined(separator: "\n"))
        \t\t\t# `Connection` lists headers to drop, which would be ours by then. A WebSocket is the only other protocol
        \t\t\t# that passes.
        \t\t\t@websocket header_regexp Upgrade (?i)^websocket$
        \t\t\t@plain not header_regexp Upgrade (?i)^websocket$
        \t\t\trequest_header @websocket Connection Upgrade
        \t\t\trequest_header @plain -Connection
        \t\t\trequest_header @plain -Upgrade

        \t\t\t# The question to the gateway, without the body. Whatever is not 2xx goes to the client as it is; no answer
        \t\t\t# is a 502 or 504.
        \t\t\treverse_proxy \(address(site.gateway)) {
        \t\t\t\tmethod GET
        \t\t\t\trewrite /authz/caddy
        \t\t\t\theader_up X-Forwarded-Method {method}
        \t\t\t\theader_up X-Forwarded-Uri {uri}
        \t\t\t\theader_up -Connection
        \t\t\t\theader_up -Content-Length
        \t\t\t\theader_up -Transfer-Encoding
        \t\t\t\theader_up -Content-Type
        \t\t\t\theader_up -Content-Encoding
        \t\t\t\theader_up -Expect
        \t\t\t\ttransport http {
        \t\t\t\t\tdial_timeout 2s
        \t\t\t\t\tresponse_header_timeout 5s
        \t\t\t\t}
        \t\t\t\t@renewed {
        \t\t\t\t\tstatus 2xx
        \t\t\t\t\theader Set-Cookie *
        \t\t\t\t}
        \t\t\t\thandle_response @renewed {
        \t\t\t\t\timport sso_identity
        \t\t\t\t\theader +Set-Cookie {http.reverse_proxy.header.Set-Cookie}
        \t\t\t\t}
        \t\t\t\t@allowed status 2xx
        \t\t\t\thandle_response @allowed {
        \t\t\t\t\timport sso_identity
        \t\t\t\t}
        \t\t\t}
        \t\t\treverse_proxy \(address(site.app))
        \t\t}
        \t}
        }

        """
    }

    /// As Go writes header names, `X-Sso-Role`: a placeholder in any other spelling stays as it is.
    private func canonical(_ name: String) -> String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined(
            separator: "-")
    }

    private func address(_ address: ProxySite.Address) -> String {
        switch address {
        case .tcp: address.hostAndPort ?? ""
        case .unixSocket(let path): "unix/\(path)"
        }
    }
}

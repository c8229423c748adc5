import Gateway

/// A Caddyfile with the long form of `forward_auth`: the short form drops a renewed cookie, and takes any 2xx as allowed.
/// <https://caddyserver.com/docs/caddyfile/directives/forward_auth>
struct CaddySnippet {
    static let file = "/etc/caddy/Caddyfile"

    let site: ProxySite

    var text: String {
        """
        # Caddy for \(site.origin), from 2.6: older versions cannot tell HTTP/1.1 from HTTP/2 and HTTP/3.
        # Save as: \(Self.file)
        # Start:   caddy run --config \(Self.file)

        # Space for 16 KiB of cookies beside the session: newer versions allow 16 KiB for all headers. A Caddyfile has one
        # block of this kind, at its beginning.
        {
        \tservers {
        \t\tmax_header_size 32KiB
        \t\ttimeouts {
        \t\t\tread_header 10s
        \t\t}
        \t}
        }
        \(listen)
        # All that the sites below have in common.
        (sso_app) {
        \t# Over HTTP/3, some versions turn CONNECT into a GET for the app.
        \t@connect method CONNECT
        \trespond @connect 405
        \t# Over HTTP/2 and HTTP/3 Caddy accepts a blank in a target, and forwards it as the target's end.
        \t@blank vars_regexp {uri} \\s
        \trespond @blank 400

        \t# Programs that fold names read `X_SSO_Role` and `X.SSO.Role` as `X-SSO-Role`: Caddy removes such headers.
        \(lines(ProxySite.aliasCharacters) { "\trequest_header -*\($0)*" })
        \t# Removes headers about an identity, and about another address or method than the gateway decides about. Then
        \t# Caddy writes X-Forwarded-For, -Host and -Proto itself.
        \(lines(cleared) { "\trequest_header -\($0)" })

        \t# `Connection` names headers that Caddy removes, and identity headers could be among them. Without it, Caddy
        \t# removes `Upgrade` too. This regular expression sees several fields as one, with commas.
        \trequest_header -Connection
        \t@websocket {
        \t\tmethod GET
        \t\tprotocol http/1.1
        \t\tvars_regexp {http.request.header.Upgrade} (?i)^websocket$
        \t}
        \trequest_header @websocket Connection Upgrade
        \trequest_header @websocket Upgrade websocket

        \thandle @gateway {
        \t\treverse_proxy \(address(site.gateway)) {
        \t\t\ttransport http {
        \t\t\t\tdial_timeout 2s
        \t\t\t\tresponse_header_timeout 15s
        \t\t\t}
        \t\t}
        \t}

        \thandle {
        \t\t# The decision request, without the body. Caddy sends an answer that is not 2xx to the client unchanged.
        \t\treverse_proxy \(address(site.gateway)) {
        \t\t\tmethod GET
        \t\t\trewrite /authz/caddy?
        \t\t\theader_up X-Forwarded-Method {method}
        \t\t\theader_up X-Forwarded-Uri {uri}
        \t\t\t# Caddy cannot leave out the client's other headers. Of the cookies only the session's goes there.
        \t\t\theader_up Cookie ;?\\s*(\(site.cookie)=[^;]*)?[^;]* $1
        \t\t\theader_up -Connection
        \t\t\theader_up -Content-*
        \t\t\theader_up -Expect
        \t\t\ttransport http {
        \t\t\t\tdial_timeout 2s
        \t\t\t\tresponse_header_timeout 5s
        \t\t\t}

        \t\t\t@allowed {
        \t\t\t\tstatus 2xx
        \t\t\t\theader \(ProxySite.proof) allowed
        \t\t\t}
        \t\t\thandle_response @allowed {
        \t\t\t\troute {
        \t\t\t\t\t# A header without a value is left out. Caddy 2.6 writes `<nil>` where the answer has no such header.
        \(lines(site.identity, identity))

        \t\t\t\t\t# A renewed session's cookie: no cache may keep the page with it.
        \t\t\t\t\t@renewed not vars {rp.header.Set-Cookie} "" <nil>
        \t\t\t\t\theader @renewed +Set-Cookie {rp.header.Set-Cookie}
        \t\t\t\t\theader @renewed {
        \t\t\t\t\t\t-CDN-Cache-Control
        \t\t\t\t\t\t-Expires
        \t\t\t\t\t\t-Surrogate-Control
        \t\t\t\t\t\tCache-Control "private, no-store"
        \t\t\t\t\t\tdefer
        \t\t\t\t\t}

        \t\t\t\t\t# The app does not get the session's cookie. `$1` is empty here: Caddy takes "" for no replacement.
        \t\t\t\t\trequest_header Cookie ^(?:\\s*\(site.cookie)=[^;]*(?:;\\s*|$))+|;\\s*\(site.cookie)=[^;]* $1
        \t\t\t\t\t@cookieless not header_regexp Cookie .
        \t\t\t\t\trequest_header @cookieless -Cookie
        \t\t\t\t}
        \t\t\t}
        \t\t\t# Another program answers at the gateway's address.
        \t\t\t@unproven status 101 2xx
        \t\t\thandle_response @unproven {
        \t\t\t\trespond 502
        \t\t\t}
        \t\t}
        \t\treverse_proxy \(address(site.app))
        \t}
        }

        # Each site sends its own name to the gateway and the app, not the client's spelling.
        \(lines(site.hosts, block))
        # Any other name, or none.
        \(scheme)://:\(site.port) {
        \(importListen)\trespond 421
        }

        """
    }

    private var scheme: String { site.scheme }

    /// Caddy fetches certificates itself, unless it is given one.
    private var listen: String {
        var directives: [String] = []
        if let loopback = site.loopback { directives.append("\tbind \(loopback)") }
        if site.origin.isSecure, site.hasCertificate {
            directives.append("\ttls \(site.certificate) \(site.certificateKey)")
        }
        return directives.isEmpty ? "" : "\n(sso_listen) {\n\(directives.joined(separator: "\n"))\n}\n"
    }

    private var importListen: String { listen.isEmpty ? "" : "\timport sso_listen\n" }

    private func block(_ host: ProxySite.Host) -> String {
        """
        \(scheme)://\(host.authority) {
        \(importListen)\troute {
        \t\trequest_header Host \(host.authority)
        \t\t@gateway vars_regexp {uri} \(gatewayTargets(host))
        \t\timport sso_app
        \t}
        }

        """
    }

    /// Caddy's own `path` compares decoded and tidied paths without regard to letter case.
    private func gatewayTargets(_ host: ProxySite.Host) -> String {
        let paths = host.gatewayPaths.map { $0.replacing(".", with: #"\."#) }.joined(separator: "|")
        let exact = paths.isEmpty ? "" : "|(\(paths))(\\?|$)"
        return "^(\(host.gatewayPrefixes.joined(separator: "|"))\(exact))"
    }

    /// Families of names in one line each, then what belongs to none.
    private var cleared: [String] { ProxySite.families.map { $0 + "*" } + site.clearedBesideFamilies }

    private func identity(_ name: String) -> String {
        let value = "{rp.header.\(canonical(name))}"
        return "\t\t\t\t\t@\(name) not vars \(value) \"\" <nil>\n\t\t\t\t\trequest_header @\(name) \(name) \(value)"
    }

    private func lines<Items: Sequence>(_ items: Items, _ line: (Items.Element) -> String) -> String {
        items.map(line).joined(separator: "\n")
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

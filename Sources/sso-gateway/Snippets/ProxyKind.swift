/// A proxy that this version writes a block for.
enum ProxyKind: String, CaseIterable, Sendable {
    case nginx, caddy, traefik, envoy, haproxy

    /// One file of a proxy's configuration.
    struct Part: Sendable {
        let name: String
        /// Where people usually keep it.
        let file: String
        /// What begins a comment in it.
        let comment: String
        let text: String
    }

    func parts(for site: ProxySite) throws(UnsupportedSite) -> [Part] {
        switch self {
        case .nginx:
            let file = "/etc/nginx/conf.d/sso-gateway.conf"
            return [Part(name: "site", file: file, comment: "#", text: NginxSnippet(site: site).text)]
        case .caddy:
            return [Part(name: "site", file: "/etc/caddy/Caddyfile", comment: "#", text: CaddySnippet(site: site).text)]
        case .haproxy:
            let snippet = HAProxySnippet(site: site)
            return [
                Part(
                    name: "configuration", file: "/etc/haproxy/haproxy.cfg", comment: "#", text: snippet.configuration),
                Part(
                    name: "script", file: "/etc/haproxy/" + HAProxySnippet.scriptName, comment: "--",
                    text: snippet.script),
            ]
        case .traefik:
            let snippet = TraefikSnippet(site: site)
            return [
                Part(name: "static", file: "/etc/traefik/traefik.yml", comment: "#", text: snippet.staticText),
                Part(
                    name: "dynamic", file: TraefikSnippet.dynamicFile, comment: "#", text: try snippet.dynamicText()),
            ]
        case .envoy:
            return [
                Part(name: "site", file: "/etc/envoy/envoy.yaml", comment: "#", text: EnvoySnippet(site: site).text)
            ]
        }
    }
}

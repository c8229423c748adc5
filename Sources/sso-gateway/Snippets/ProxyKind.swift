/// The proxies for which `snippet` prints a block.
enum ProxyKind: String, CaseIterable, Sendable {
    case nginx, caddy, traefik, envoy, haproxy

    /// One file of a proxy's configuration.
    struct Part: Sendable {
        let name: String
        /// The usual path.
        let file: String
        /// The start of a comment.
        let comment: String
        let text: String
    }

    func parts(for site: ProxySite) throws(UnsupportedSite) -> [Part] {
        switch self {
        case .nginx:
            return [Part(name: "site", file: NginxSnippet.file, comment: "#", text: NginxSnippet(site: site).text)]
        case .caddy:
            return [Part(name: "site", file: CaddySnippet.file, comment: "#", text: CaddySnippet(site: site).text)]
        case .haproxy:
            let snippet = HAProxySnippet(site: site)
            return [
                Part(
                    name: "configuration", file: HAProxySnippet.file, comment: "#", text: snippet.configuration),
                Part(
                    name: "script", file: HAProxySnippet.scriptFile, comment: "--",
                    text: snippet.script),
            ]
        case .traefik:
            let snippet = TraefikSnippet(site: site)
            return [
                Part(name: "static", file: TraefikSnippet.staticFile, comment: "#", text: snippet.staticText),
                Part(
                    name: "dynamic", file: TraefikSnippet.dynamicFile, comment: "#", text: try snippet.dynamicText()),
            ]
        case .envoy:
            return [
                Part(name: "site", file: EnvoySnippet.file, comment: "#", text: EnvoySnippet(site: site).text)
            ]
        }
    }
}

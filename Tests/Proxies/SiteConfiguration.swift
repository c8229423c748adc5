/// The files that a partner would write.
enum SiteConfiguration {
    static func gateway(url: String, standInURL: String, port: UInt16, adminPort: UInt16, idle: String) -> String {
        """
        public_url: \(url)
        listen: 127.0.0.1:\(port)
        admin_listen: 127.0.0.1:\(adminPort)
        key_ring: keys.json
        session: { idle: \(idle) }
        integrations:
          demo:
            client_id: oac_AcmeDemonstration01
            client_secret: stand-in-client-secret
            slug: acme
            jwks_url: \(standInURL)/.well-known/jwks
            api_url: \(standInURL)
            sso_url: \(standInURL)/sso/integrations
            installation_token:
              source: static
              tokens: { icfg_AcmeAnalyticalEngines001: stand-in-installation-token }
            routes: { default: /dashboard }
        rules:
          - { path: /admin/, roles: [ADMIN] }
          - { path: /public/, allow: anyone }
        """
    }

    /// The template `nginx.conf`, filled in.
    static func nginx(directory: String, port: UInt16, gateway: UInt16, app: UInt16) -> String {
        let values = [
            "directory": directory, "listen": "127.0.0.1:\(port)", "host": "localhost",
            "gateway": "127.0.0.1:\(gateway)", "app": "127.0.0.1:\(app)",
        ]
        return values.reduce(String(decoding: PackageResources.nginx_conf, as: UTF8.self)) { text, pair in
            text.replacing("{{\(pair.key)}}", with: pair.value)
        }
    }
}

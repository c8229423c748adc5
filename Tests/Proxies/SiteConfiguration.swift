/// The file that a partner would write.
enum SiteConfiguration {
    /// Of the id_tokens.
    static let algorithm = "ES256"

    static func gateway(url: String, standInURL: String, listen: String, adminPort: UInt16, plan: ProxiedApp.Plan)
        -> String
    {
        """
        public_url: \(url)
        listen: \(listen)
        admin_listen: 127.0.0.1:\(adminPort)
        # Several gateways share this directory.
        admin_socket: none
        key_ring: keys.json
        session: { idle: \(plan.idle) }
        headers: \(plan.headers)
        integrations:
          demo:
            client_id: oac_AcmeDemonstration01
            client_secret: stand-in-client-secret
            slug: acme
            algorithms: [\(algorithm)]
            callback_path: \(plan.callback)
            webhook_path: /hooks/market
            jwks_url: \(standInURL)/.well-known/jwks
            api_url: \(standInURL)
            sso_url: \(standInURL)/sso/integrations
            installation_token:
              source: static
              tokens: { icfg_AcmeAnalyticalEngines001: stand-in-installation-token }
            routes: { default: /dashboard }
        rules:
          - { host: status.localhost, allow: anyone }
          - { path: /audit/, methods: [GET, HEAD], roles: [ADMIN] }
          - { path: /admin/, roles: [ADMIN] }
          - { path: /public/, allow: anyone }
        """
    }
}

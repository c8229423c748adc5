import Gateway

/// Envoy with the `ext_authz` filter over HTTP. From 1.25.
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter>
struct EnvoySnippet {
    let site: ProxySite

    var text: String {
        """
        static_resources:
          listeners:
            - name: sso
              address: { socket_address: { address: \(site.origin.isLoopback ? "127.0.0.1" : "0.0.0.0"), port_value: \(site.port) } }
              filter_chains:
                - filters:
                    - name: envoy.filters.network.http_connection_manager
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: sso
                        # Envoy is the edge: what a client says about its address and scheme is replaced.
                        use_remote_address: true
                        # Two programs could read these differently.
                        path_with_escaped_slashes_action: REJECT_REQUEST
                        common_http_protocol_options: { headers_with_underscores_action: REJECT_REQUEST }
                        upgrade_configs: [{ upgrade_type: websocket }]
                        http_filters:
                          # Programs that fold names read `X.SSO.Role` as `X-SSO-Role`: no header with such a name gets
                          # any further; nor what only the gateway may say.
                          - name: envoy.filters.http.lua
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
                              default_source_code:
                                inline_string: |
                                  local cleared = {
        \((site.cleared + ["X-Forwarded-Host"]).map { "                            [\"\($0.lowercased())\"] = true," }.joined(separator: "\n"))
                                  }
                                  function envoy_on_request(handle)
                                    local gone = {}
                                    for name, _ in pairs(handle:headers()) do
                                      local plain = name:match("^:?[A-Za-z0-9-]+$")
                                      if not plain or cleared[name:lower()] then table.insert(gone, name) end
                                    end
                                    for _, name in ipairs(gone) do handle:headers():remove(name) end
                                  end
                          - name: envoy.filters.http.ext_authz
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                              transport_api_version: V3
                              # No answer, or one that is a server's error, keeps the app closed.
                              failure_mode_allow: false
                              status_on_error: { code: ServiceUnavailable }
                              # The question carries no body.
                              allowed_headers:
                                patterns:
        \((ProxySite.asked + ["X-Forwarded-Proto"]).map { "                          - { exact: \($0.lowercased()), ignore_case: true }" }.joined(separator: "\n"))
                              http_service:
                                server_uri: { uri: http://sso-gateway, cluster: sso_gateway, timeout: 5s }
                                path_prefix: /authz/envoy
                                authorization_response:
                                  # Every header that is named here is the gateway's.
                                  allowed_upstream_headers:
                                    patterns:
        \(site.identity.map { "                              - { exact: \($0.lowercased()), ignore_case: true }" }.joined(separator: "\n"))
                                  # A renewed session.
                                  allowed_client_headers_on_success:
                                    patterns: [{ exact: set-cookie, ignore_case: true }]
                          - name: envoy.filters.http.router
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                        route_config:
                          virtual_hosts:
                            - name: sso
                              domains: ["\(site.origin.host)", "\(site.origin.host):*"]
                              routes:
                                # Signing in and out.
        \(gatewayRoutes)
                                # Everything else is the app's.
                                - match: { prefix: / }
                                  route: { cluster: sso_app }\(tls)
          clusters:
            - name: sso_gateway
              type: STRICT_DNS
              connect_timeout: 2s
              load_assignment:
                cluster_name: sso_gateway
                endpoints: [{ lb_endpoints: [{ endpoint: { address: \(address(site.gateway)) } }] }]
            - name: sso_app
              type: STRICT_DNS
              connect_timeout: 2s
              load_assignment:
                cluster_name: sso_app
                endpoints: [{ lb_endpoints: [{ endpoint: { address: \(address(site.app)) } }] }]

        """
    }

    private var gatewayRoutes: String {
        let matches = ["{ prefix: /sso/ }"] + site.callbacks.map { "{ path: \($0) }" }
        return matches.map { match in
            """
                                    - match: \(match)
                                      route: { cluster: sso_gateway }
                                      typed_per_filter_config:
                                        envoy.filters.http.ext_authz:
                                          "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                                          disabled: true
            """
        }.joined(separator: "\n")
    }

    private var tls: String {
        guard site.origin.isSecure else { return "" }
        return """

                      transport_socket:
                        name: envoy.transport_sockets.tls
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                          common_tls_context:
                            tls_certificates:
                              - certificate_chain: { filename: \(site.certificate) }
                                private_key: { filename: \(site.certificateKey) }
            """
    }

    private func address(_ address: ProxySite.Address) -> String {
        switch address {
        case .tcp(let host, let port): "{ socket_address: { address: \"\(host)\", port_value: \(port) } }"
        case .unixSocket(let path): "{ pipe: { path: \(path) } }"
        }
    }
}

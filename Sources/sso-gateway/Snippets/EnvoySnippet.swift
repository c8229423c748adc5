import Gateway

/// Envoy with the `ext_authz` filter over HTTP, between two Lua filters (`EnvoyScripts.swift`).
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter>
struct EnvoySnippet {
    static let file = "/etc/envoy/envoy.yaml"

    let site: ProxySite

    var text: String {
        """
        # Envoy for \(site.origin).
        # Save as: \(Self.file)
        # Start:   envoy -c \(Self.file) --disable-hot-restart
        # From 1.39.1, 1.38.4 or 1.37.6: those before use memory after it is freed, in `ext_authz` (CVE-2026-50572) and in HTTP/2
        # (CVE-2026-73513).
        static_resources:
          listeners:
            - name: sso
              address: { socket_address: { \(site.loopback.map { "address: \"\($0)\"" } ?? "address: \"::\", ipv4_compat: true"), port_value: \(site.port) } }
              filter_chains:
                - filters:
                    - name: envoy.filters.network.http_connection_manager
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: sso
                        # Clients connect here directly: the address of the connection is theirs.
                        use_remote_address: true
                        http_protocol_options: { accept_http_10: true }
                        common_http_protocol_options: { headers_with_underscores_action: DROP_HEADER, max_headers_count: 1000 }
                        http2_protocol_options: { max_concurrent_streams: 100 }
                        # The app gets the path that the gateway decides, byte for byte.
                        normalize_path: false
                        request_headers_timeout: 10s
                        # Event streams and WebSockets can be silent for long.
                        stream_idle_timeout: 7200s
                        # Envoy drops `Upgrade: h2c` and answers 403 to every other protocol.
                        upgrade_configs: [{ upgrade_type: websocket }]
                        http_filters:
        \(luaFilter("sso.client", clientScript))
                          - name: sso.decision
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                              transport_api_version: V3
                              # No answer, or a server error, keeps the app closed.
                              failure_mode_allow: false
                              status_on_error: { code: ServiceUnavailable }
                              # The route to the app depends on the answer.
                              clear_route_cache: true
                              # The decision request has no body, and only these headers of the client.
                              allowed_headers:
                                patterns:
        \(patterns(ProxySite.forwarded + ["X-Forwarded-Proto"], by: 26))
                              # Envoy adds this one unless it is named here.
                              disallowed_headers: { patterns: [{ exact: authorization }] }
                              http_service:
                                server_uri: { uri: http://sso-gateway, cluster: sso_gateway, timeout: 5s }
                                path_prefix: /authz/envoy
                                authorization_response:
                                  # Headers of the answer that the app gets.
                                  allowed_upstream_headers:
                                    patterns:
        \(patterns([ProxySite.proof] + site.identity, by: 30))
                                  # A renewed session, for the browser.
                                  allowed_client_headers_on_success: { patterns: [{ exact: set-cookie }] }
        \(luaFilter("sso.app", appScript))
                          - name: envoy.filters.http.router
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                              suppress_envoy_headers: true
                        route_config:
                          virtual_hosts:
        \(site.hosts.map(virtualHost).joined(separator: "\n"))\(tls)
          clusters:
            # Envoy's default is 1,024 connections to a cluster. Every WebSocket and event stream uses one.
        \(cluster("sso_gateway", site.gateway))\(limits)\(gatewayProtocol)
        \(cluster("sso_app", site.app))\(limits)

        """
    }

    private func luaFilter(_ name: String, _ script: String) -> String {
        """
                          - name: \(name)
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
                              default_source_code:
                                inline_string: |
        \(indented(script, by: 26))
        """
    }

    /// `sso.client` has made `:authority` one of these.
    private func virtualHost(_ host: ProxySite.Host) -> String {
        let matches = host.gatewayPrefixes.map { "prefix: \($0)" } + host.gatewayPaths.map { "path: \($0)" }
        let routes = matches.enumerated().map { index, match in
            """
                                    - match: { \(match) }
                                      route: { cluster: sso_gateway }
                                      typed_per_filter_config: \(host.name == site.origin.host && index == 0 ? undecided : "*undecided")
            """
        }
        return """
                                - name: "\(host.name)"
                                  domains: ["\(host.authority)"]
                                  routes:
            \(routes.joined(separator: "\n"))
                                    # A 200 without this header is not from the gateway.
                                    - match: { prefix: /, headers: [{ name: \(proof), string_match: { exact: allowed } }] }
                                      route: { cluster: sso_app, timeout: 0s }
                                      request_headers_to_remove: [\(proof)]
                                    - match: { prefix: / }
                                      direct_response: { status: 503 }
            """
    }

    private var undecided: String {
        """
        &undecided
                                    sso.decision:
                                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                                      disabled: true
        """
    }

    var proof: String { ProxySite.proof.lowercased() }

    private var tls: String {
        guard site.origin.isSecure else { return "" }
        return """

                      transport_socket_connect_timeout: 10s
                      transport_socket:
                        name: envoy.transport_sockets.tls
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                          common_tls_context:
                            alpn_protocols: [h2, http/1.1]
                            tls_certificates:
                              - certificate_chain: { filename: "\(site.certificate)" }
                                private_key: { filename: "\(site.certificateKey)" }
            """
    }

    private func cluster(_ name: String, _ address: ProxySite.Address) -> String {
        let (type, place) =
            switch address {
            case .tcp(let host, let port):
                // `localhost` is ::1 first otherwise, where many apps do not listen.
                (
                    "STRICT_DNS\n      dns_lookup_family: V4_PREFERRED",
                    "{ socket_address: { address: \"\(host)\", port_value: \(port) } }"
                )
            case .unixSocket(let path): ("STATIC", "{ pipe: { path: \(path) } }")
            }
        return """
                - name: \(name)
                  type: \(type)
                  connect_timeout: 2s
                  load_assignment:
                    cluster_name: \(name)
                    endpoints: [{ lb_endpoints: [{ endpoint: { address: \(place) } }] }]
            """
    }

    private var limits: String {
        """

              circuit_breakers:
                thresholds: [{ max_connections: 100000, max_pending_requests: 100000, max_requests: 100000 }]
        """
    }

    /// The gateway closes a connection that is idle for 30 s. Envoy does so before, and never writes on a closed one.
    private var gatewayProtocol: String {
        """

              typed_extension_protocol_options:
                envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                  "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                  common_http_protocol_options: { idle_timeout: 20s }
                  explicit_http_config: { http_protocol_options: {} }
        """
    }

    private func patterns(_ names: [String], by indentation: Int) -> String {
        indented(names.map { "- { exact: \($0.lowercased()) }" }.joined(separator: "\n"), by: indentation)
    }

    private func indented(_ text: String, by count: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
    }
}

import Gateway

/// For the `http` block of nginx with `auth_request`.
/// <https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>
struct NginxSnippet {
    let site: ProxySite

    var text: String {
        """
        # nginx for \(site.origin): goes into the `http` block, or into /etc/nginx/conf.d/.
        upstream sso_gateway { server \(address(site.gateway)); keepalive 64; }
        upstream sso_app { server \(address(site.app)); }

        # A WebSocket is the only other protocol that passes.
        map $http_upgrade $sso_upgrade { default ""; ~*^websocket$ websocket; }
        map $http_upgrade $sso_connection { default ""; ~*^websocket$ upgrade; }

        server {
            listen \(site.listen)\(site.origin.isSecure ? " ssl" : "");
            server_name \(site.origin.host);
        \(tls)
            # nginx's own defaults, on which everything here depends: programs that fold names read `X_SSO_Role` and
            # `X.SSO.Role` as `X-SSO-Role`, so no header with such a name gets any further.
            underscores_in_headers off;
            ignore_invalid_headers on;
            # The gateway refuses `//`; nginx must not tidy it up behind the gateway's back.
            merge_slashes off;
            # Redirects are paths on this very origin.
            absolute_redirect off;

            # Signing in and out.
        \(gatewayLocations)
            # Everything else is the app's.
            location / {
                auth_request /sso-decision;
                auth_request_set $sso_login $upstream_http_x_sso_login;
                auth_request_set $sso_cookie $upstream_http_set_cookie;
        \(lines(site.identity) { "auth_request_set \(variable($0)) \(upstreamVariable($0));" })
                error_page 401 = @sso_sign_in;

                # A renewed session. An `add_header` here hides those of the levels above: repeat them.
                add_header Set-Cookie $sso_cookie always;

                proxy_pass http://sso_app;
                proxy_http_version 1.1;
                proxy_set_header Connection $sso_connection;
                proxy_set_header Upgrade $sso_upgrade;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $remote_addr;
                proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-Proto $scheme;

                # Who asks, on the gateway's word alone: whatever the client sent under these names is replaced, and
                # where there is no value the header is gone.
        \(lines(site.identity) { "proxy_set_header \($0) \(variable($0));" })

                # The other names under which an app might look for the same, or for another address than the one that
                # was asked about.
        \(lines(site.foreign) { "proxy_set_header \($0) \"\";" })
            }

            # The question to the gateway: the original request in four headers, and nobody else's word on it. Any answer
            # but 2xx, 401 and 403 is a 500, so a gateway that is down, slow or confused keeps the app closed.
            location = /sso-decision {
                internal;
                proxy_pass http://sso_gateway/authz/nginx;
                proxy_http_version 1.1;
                proxy_connect_timeout 2s;
                proxy_read_timeout 5s;
                proxy_buffer_size 16k;
                proxy_buffers 4 16k;
                proxy_busy_buffers_size 16k;
                proxy_pass_request_body off;
                proxy_set_header Content-Length "";
                proxy_set_header Connection "";
                proxy_set_header Host $http_host;
                proxy_set_header X-Original-Method $request_method;
                proxy_set_header X-Original-URI $request_uri;
                proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-For $remote_addr;
                proxy_set_header X-Forwarded-Uri "";
                proxy_set_header X-Forwarded-Method "";
                proxy_set_header X-Original-URL "";
                proxy_set_header X-Rewrite-URL "";
                proxy_set_header Upgrade $http_upgrade;
            }

            # The gateway names an address where a person's browser can sign in, and none to a program.
            location @sso_sign_in {
                default_type application/json;
                add_header Cache-Control no-store always;
                if ($sso_login) {
                    return 302 $sso_login;
                }
                return 401 '{"error":{"code":"not_signed_in","message":"Sign in first."}}\\n';
            }
        }

        """
    }

    private var tls: String {
        guard site.origin.isSecure else { return "" }
        return """
                ssl_certificate \(site.certificate);
                ssl_certificate_key \(site.certificateKey);

            """
    }

    private var gatewayLocations: String {
        (["/sso/"] + site.callbacks.map { "= " + $0 }).map { location in
            """
                location \(location) {
                    proxy_pass http://sso_gateway;
                    proxy_http_version 1.1;
                    proxy_buffer_size 16k;
                    proxy_buffers 4 16k;
                    proxy_busy_buffers_size 16k;
                    proxy_set_header Connection "";
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For $remote_addr;
                }

            """
        }.joined(separator: "\n")
    }

    private func lines(_ names: [String], _ line: (String) -> String) -> String {
        names.map { "        " + line($0) }.joined(separator: "\n")
    }

    private func variable(_ header: String) -> String {
        "$sso_" + header.lowercased().replacing("x-sso-", with: "").replacing("-", with: "_")
    }

    private func upstreamVariable(_ header: String) -> String {
        "$upstream_http_" + header.lowercased().replacing("-", with: "_")
    }

    private func address(_ address: ProxySite.Address) -> String {
        switch address {
        case .tcp: address.hostAndPort ?? ""
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}

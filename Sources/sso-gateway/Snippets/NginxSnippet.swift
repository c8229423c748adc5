import Gateway

/// For the `http` block of nginx with `auth_request`.
/// <https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>
struct NginxSnippet {
    static let file = "/etc/nginx/conf.d/sso-gateway.conf"

    let site: ProxySite

    var text: String {
        """
        # nginx for \(site.origin), from 1.22.
        # Save as: \(Self.file)
        # Start:   nginx

        # With several gateways write one line for each: without max_fails=0 nginx answers 500 while one restarts.
        upstream sso_gateway { server \(address(site.gateway)) max_fails=0; keepalive 64; }
        upstream sso_app { server \(address(site.app)); }
        # Answers 502.
        upstream sso_closed { server 127.0.0.1:9 down; }

        # Only the gateway's own answers open the app.
        map $sso_decision $sso_opened { default sso_closed; allowed sso_app; }
        # The only switch of protocols is one from HTTP/1.1 to a WebSocket.
        map "$request_method $server_protocol $http_upgrade" $sso_upgrade { default ""; "~*^GET HTTP/1\\.1 websocket$" websocket; }
        map $sso_upgrade $sso_connection { default ""; websocket upgrade; }
        # No cache may keep an answer with a renewed session.
        map $sso_cookie $sso_cache_control { default "private, no-store"; "" ""; }
        # The app gets every cookie but the session. With two session cookies it gets none.
        map $http_cookie $sso_app_cookie {
            default $http_cookie;
            "~(?:^|;)[ \\t]*\(site.cookie)[ \\t]*=.*;[ \\t]*\(site.cookie)[ \\t]*=" "";
            "~^[ \\t]*\(site.cookie)[ \\t]*=[^;]*(?:; *(?<sso_rest>.*))?$" $sso_rest;
            "~^(?<sso_left>.*?);[ \\t]*\(site.cookie)[ \\t]*=[^;]*(?<sso_right>;.*)?$" $sso_left$sso_right;
        }

        # Answers for every other host. nginx reads header names by the rules of a port's default server, so this one is it.
        server {
        \(listen("default_server"))
        \(common)
            return 421;
        }

        \(site.hosts.map(server).joined(separator: "\n\n"))

        """
    }

    /// The gateway and the app get the configured name of the host, not the client's spelling.
    private func server(_ host: ProxySite.Host) -> String {
        """
        server {
        \(listen(""))
            server_name "\(host.name)";
        \(common)
            # Redirects are paths on this very origin.
            absolute_redirect off;
            # The gateway's own addresses.
        \(gatewayLocation(host))
            # Everything else is the app's.
            location / {
                auth_request /sso/.decision;
                auth_request_set $sso_decision $upstream_http_x_sso_decision;
                auth_request_set $sso_login $upstream_http_x_sso_login;
                auth_request_set $sso_page $upstream_http_x_sso_page;
                auth_request_set $sso_cookie $upstream_http_set_cookie;
        \(lines(site.identity) { "auth_request_set \(variable($0)) \(upstreamVariable($0));" })
                error_page 401 = @sso_sign_in;
                error_page 403 = @sso_forbidden;

                # A renewed session. An `add_header` here hides those of the levels above: repeat them.
                add_header Set-Cookie $sso_cookie always;
                add_header Cache-Control $sso_cache_control always;
                add_header CDN-Cache-Control $sso_cache_control always;
                add_header Surrogate-Control $sso_cache_control always;

                proxy_pass http://$sso_opened;
                # A 401 or 403 of the app is its own.
                proxy_intercept_errors off;
                proxy_http_version 1.1;
                # The app has limits of its own for uploads, which do not wait on nginx's disk.
                client_max_body_size 0;
                proxy_request_buffering off;
                # Event streams, long answers and large heads.
                proxy_buffering off;
                proxy_buffer_size 32k;
                proxy_busy_buffers_size 64k;
                proxy_buffers 4 32k;
                proxy_read_timeout 1h;
                # nginx would serve the path that these name, by the decision about another one.
                proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Charset;
                proxy_set_header Connection $sso_connection;
                proxy_set_header Upgrade $sso_upgrade;
                proxy_set_header Cookie $sso_app_cookie;
                proxy_set_header Host \(host.authority);
                proxy_set_header X-Forwarded-For $remote_addr;
                proxy_set_header X-Forwarded-Host \(host.authority);
                proxy_set_header X-Forwarded-Proto \(site.scheme);

                # The identity headers. A header without a value is not sent.
        \(lines(site.identity) { "proxy_set_header \($0) \(variable($0));" })

                # Headers that an app may read as an identity, or as another address or method than the gateway decided about.
        \(lines(site.foreign) { "proxy_set_header \($0) \"\";" })
            }

            # The decision request. nginx makes a 500 of any answer but 2xx, 401 and 403, so a gateway that is down, slow or
            # faulty keeps the app closed.
            location = /sso/.decision {
                internal;
                proxy_pass http://sso_gateway/authz/nginx;
        \(gatewayLines(host))
                proxy_connect_timeout 2s;
                proxy_read_timeout 5s;
                proxy_pass_request_body off;
                # The request has the length of the client's body, but not the body.
                client_max_body_size 0;
                proxy_pass_request_headers off;
                proxy_set_header Content-Length "";
        \(lines(ProxySite.forwarded) { "proxy_set_header \($0) \(clientVariable($0));" })
                proxy_set_header X-Original-Method $request_method;
                proxy_set_header X-Original-URI $request_uri;
                proxy_set_header X-Forwarded-Host \(host.authority);
                proxy_set_header X-Forwarded-Proto \(site.scheme);
            }

            # The gateway's page at the address of a person's request.
            location = /sso/.page {
                internal;
                proxy_pass http://sso_gateway$sso_page;
        \(gatewayLines(host))
                proxy_method GET;
                proxy_pass_request_body off;
                # nginx reads the body of a form first, and would fill its disk with an endless one.
                client_max_body_size 1m;
                proxy_set_header Content-Length "";
            }

            # The gateway sends a sign-in address when a browser navigates, a page when it sends a form, and nothing to a
            # program.
            location @sso_sign_in {
                default_type application/json;
                add_header Cache-Control no-store always;
                if ($sso_login) {
                    return 302 $sso_login;
                }
                if ($sso_page) {
                    rewrite ^ /sso/.page last;
                }
                return 401 '{"error":{"code":"not_signed_in","message":"Sign in first."}}\\n';
            }

            # A page for a browser that navigates or sends a form, and nothing but the refusal for a program.
            location @sso_forbidden {
                default_type application/json;
                add_header Cache-Control no-store always;
                if ($sso_page) {
                    rewrite ^ /sso/.page last;
                }
                return 403 '{"error":{"code":"forbidden","message":"This is not permitted."}}\\n';
            }
        }
        """
    }

    private func listen(_ more: String) -> String {
        let addresses =
            switch site.loopback {
            case nil: ["\(site.port)", "[::]:\(site.port)"]
            case "::1"?: ["[::1]:\(site.port)"]
            case let address?: ["\(address):\(site.port)"]
            }
        return addresses.map { address in
            "    listen "
                + ([address, site.origin.isSecure ? "ssl http2" : "", more]).filter { !$0.isEmpty }.joined(
                    separator: " ") + ";"
        }.joined(separator: "\n")
    }

    /// Settings of both servers: nginx uses the default server's until it knows the host.
    private var common: String {
        let certificate = """
                ssl_certificate \(site.certificate);
                ssl_certificate_key \(site.certificateKey);

            """
        return (site.origin.isSecure ? certificate : "") + """
                # Programs that fold names read `X_SSO_Role` and `X.SSO.Role` as `X-SSO-Role`: nginx drops such headers.
                underscores_in_headers off;
                ignore_invalid_headers on;
                # The gateway decides about the path as the client wrote it.
                merge_slashes off;
                # 16 KiB of cookies beside the session.
                large_client_header_buffers 4 32k;
            """
    }

    /// One place for all: as a prefix, nginx would redirect `/sso` to `/sso/`.
    private func gatewayLocation(_ host: ProxySite.Host) -> String {
        let targets = host.gatewayPrefixes + host.gatewayPaths.map { $0.replacing(".", with: "\\.") + "$" }
        return """
                location ~ ^(\(targets.joined(separator: "|"))) {
                    proxy_pass http://sso_gateway;
            \(gatewayLines(host))
                }

            """
    }

    /// For every request to the gateway. The buffers are large enough for its cookies.
    private func gatewayLines(_ host: ProxySite.Host) -> String {
        lines([
            "proxy_http_version 1.1;", "proxy_buffer_size 16k;", "proxy_buffers 4 16k;", "proxy_busy_buffers_size 16k;",
            "proxy_set_header Connection \"\";", "proxy_set_header Host \(host.authority);",
            "proxy_set_header X-Forwarded-For $remote_addr;",
        ]) { $0 }
    }

    private func lines(_ names: [String], _ line: (String) -> String) -> String {
        names.map { "        " + line($0) }.joined(separator: "\n")
    }

    private func variable(_ header: String) -> String {
        "$sso_" + header.lowercased().replacing("x-sso-", with: "").replacing("-", with: "_")
    }

    private func clientVariable(_ header: String) -> String { "$http_" + underscored(header) }

    private func upstreamVariable(_ header: String) -> String { "$upstream_http_" + underscored(header) }

    private func underscored(_ header: String) -> String { header.lowercased().replacing("-", with: "_") }

    private func address(_ address: ProxySite.Address) -> String {
        switch address {
        case .tcp: address.hostAndPort ?? ""
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}

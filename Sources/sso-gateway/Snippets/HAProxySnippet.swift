import Gateway

/// Two files: haproxy.cfg, and a Lua script that sends the decision request, because HAProxy has no such action. From 2.6,
/// whose Lua has an HTTP client. <https://www.arpalert.org/src/haproxy-lua-api/2.6/index.html>
struct HAProxySnippet {
    static let file = "/etc/haproxy/haproxy.cfg"
    static let scriptName = "sso-gateway.lua"
    static let scriptFile = "/etc/haproxy/" + scriptName

    let site: ProxySite

    var configuration: String {
        """
        # HAProxy for \(site.origin), from 2.6, whose Lua has an HTTP client.
        # Save as: \(Self.file)
        # Start:   haproxy -f \(Self.file)\(certificateNote)
        global
            # The script lies beside this file.
            default-path config
            # For each thread: HAProxy 2.6 crashes where threads share a script with a filter.
            lua-load-per-thread \(Self.scriptName)
            tune.lua.session-timeout 10s
            # Space for the identity headers after the client's own.
            tune.bufsize 32768
            tune.maxrewrite 8192
            # Browsers open WebSockets over HTTP/1.1, where the rules below see them.
            h2-workaround-bogus-websocket-clients

        defaults
            mode http
            timeout connect 2s
            timeout client 60s
            # Event streams and long answers.
            timeout server 1h
            timeout tunnel 1h
            timeout http-request 10s

        frontend sso
        \(addresses.map { "    bind \($0)\(tls)" }.joined(separator: "\n"))
            # The app would get trailer fields as the client wrote them.
            filter lua.sso_refuse_trailers

            # The gateway and the app get the configured name of a host, not the client's port or letter case.
        \(site.hosts.map(hostLine).joined(separator: "\n"))
            http-request return status 421 unless { var(txn.sso_host) -m found }
            http-request set-header Host %[var(txn.sso_host)]
            # One spelling of the target for the gateway and for the app.
            http-request deny deny_status 400 unless { path -m beg / }
            http-request set-uri %[pathq]

            # The only switch of protocols is one from HTTP/1.1 to a WebSocket. Over HTTP/2 it comes as a CONNECT.
            http-request deny deny_status 405 if METH_CONNECT
            http-request deny deny_status 405 if !HTTP_1.1 { req.hdr(Upgrade) -m found }
            http-request set-var(txn.sso_websocket) bool(true) if METH_GET HTTP_1.1 { req.fhdr_cnt(Upgrade) eq 1 } { req.fhdr(Upgrade) -i websocket }

            # Programs that fold names read `X_SSO_Role` and `X.SSO.Role` as `X-SSO-Role`: such headers are dropped.
            http-request del-header [^A-Za-z0-9-] -m reg
            # Headers of the gateway, and those that an app may read as another address or method than the gateway decided about.
            http-request del-header ^(\(ProxySite.families.joined(separator: "|").lowercased())) -m reg
        \(site.clearedBesideFamilies.map { "    http-request del-header \($0)" }.joined(separator: "\n"))
            http-request set-header X-Forwarded-For %[src]
            http-request set-header X-Forwarded-Host %[var(txn.sso_host)]
            http-request set-header X-Forwarded-Proto \(site.scheme)

            # The gateway's own addresses.
        \(site.hosts.map(gatewayLines).joined(separator: "\n"))
            # Everything else is the app's. It stays closed unless the script sets txn.sso_allowed.
            http-request lua.sso_decide unless { var(txn.sso) -m bool }
            http-request deny deny_status 503 unless { var(txn.sso) -m bool } || { var(txn.sso_allowed) -m bool }

            http-request del-header Connection
            http-request del-header Upgrade
            http-request set-header Connection upgrade if { var(txn.sso_websocket) -m bool }
            http-request set-header Upgrade websocket if { var(txn.sso_websocket) -m bool }

            # A renewed session, in an answer that no cache may keep.
            http-after-response add-header Set-Cookie %[var(txn.sso_cookie)] if { var(txn.sso_cookie) -m found }
            http-after-response set-header Cache-Control "private, no-store" if { var(txn.sso_cookie) -m found }
        \(["CDN-Cache-Control", "Expires", "Surrogate-Control"].map { "    http-after-response del-header \($0) if { var(txn.sso_cookie) -m found }" }.joined(separator: "\n"))
            use_backend sso_gateway if { var(txn.sso) -m bool }
            default_backend sso_app

        backend sso_gateway
            server gateway \(server(site.gateway))

        backend sso_app
            server app \(server(site.app))

        """
    }

    var script: String {
        """
        -- Save as: \(Self.scriptFile)
        -- Sends a decision request to the gateway for every request to the app.
        local gateway = "\(url)"
        local session = "\(site.cookie)"
        local forwarded = { \(ProxySite.forwarded.map { "\"\($0.lowercased())\"" }.joined(separator: ", ")) }
        -- Of a refusal, which is a page where a browser shows it.
        local shown = {
            "content-type", "content-language", "content-security-policy", "referrer-policy", "vary",
            "x-content-type-options",
        }
        local identity = {
        \(site.identity.map { "    \"\($0)\"," }.joined(separator: "\n"))
        }

        -- The first value, or nil. HAProxy counts values from zero.
        local function first(headers, name)
            local values = headers[name:lower()]
            return values and (values[0] or values[1])
        end

        -- Every cookie but the session, byte for byte. No pattern has two repetitions side by side: those take long, and
        -- HAProxy ends itself when a script takes two seconds.
        local function without_session(cookies)
            local kept = {}
            for cookie in (cookies .. ";"):gmatch("([^;]*);") do
                local start = cookie:match("^%s*()")
                local behind = start + #session
                local is_session = cookie:sub(start, behind - 1) == session and cookie:find("^%s*=", behind)
                if not is_session then table.insert(kept, cookie) end
            end
            return table.concat(kept, ";"):gsub("^%s+", "")
        end

        local function allow(txn, client, answer)
            for _, name in ipairs(identity) do
                local value = first(answer.headers, name)
                if value and value ~= "" then
                    txn.http:req_set_header(name, value)
                else
                    txn.http:req_del_header(name)
                end
            end
            txn.http:req_del_header("cookie")
            for _, cookies in pairs(client["cookie"] or {}) do
                local kept = without_session(cookies)
                if kept ~= "" then txn.http:req_add_header("cookie", kept) end
            end
            local renewed = first(answer.headers, "set-cookie")
            if renewed then txn:set_var("txn.sso_cookie", renewed) end
            txn:set_var("txn.sso_allowed", true)
        end

        core.register_action("sso_decide", { "http-req" }, function(txn)
            local client = txn.http:req_get_headers()
            local request = {
                ["x-forwarded-method"] = { txn.sf:method() },
                ["x-forwarded-uri"] = { txn.sf:pathq() },
                ["x-forwarded-host"] = { txn:get_var("txn.sso_host") },
                ["x-forwarded-proto"] = { "\(site.scheme)" },
                ["x-forwarded-for"] = { txn.sf:src() },
            }
            for _, name in ipairs(forwarded) do
                if client[name] then
                    request[name] = {}
                    for _, value in pairs(client[name]) do
                        table.insert(request[name], value)
                    end
                end
            end
            local answer = core.httpclient():get{ url = gateway, headers = request\(destination), timeout = 5000 }
            local status = answer and answer.status
            if status == 200 and first(answer.headers, "\(ProxySite.proof)") == "allowed" then
                return allow(txn, client, answer)
            end

            local reply = txn:reply()
            reply:add_header("cache-control", "no-store")
            local location = status == 302 and answer and first(answer.headers, "location")
            if location then
                reply:set_status(302)
                reply:add_header("location", location)
            elseif status == 400 or status == 401 or status == 403 then
                reply:set_status(status)
                for _, name in ipairs(shown) do
                    local value = first(answer.headers, name)
                    if value then reply:add_header(name, value) end
                end
                reply:set_body(answer.body or "")
            else
                reply:set_status(503)
            end
            txn:done(reply)
        end)

        -- HAProxy 2.6 cannot drop trailer fields, so requests with any are refused. Without any, what is behind the last
        -- chunk has a length of one.
        local trailers = {}
        trailers.__index = trailers
        trailers.id = "sso_refuse_trailers"
        trailers.flags = filter.FLT_CFG_FL_HTX
        function trailers:new() return setmetatable({}, trailers) end
        function trailers:start_analyze(txn, channel)
            if not channel:is_resp() then filter.register_data_filter(self, channel) end
        end
        function trailers:http_payload(txn, message)
            local body = message:body()
            if message:input() - (body and #body or 0) > 1 then
                message:forward(0)
                self.refused = true
            end
        end
        function trailers:http_end(txn, message)
            if self.refused then return filter.ERROR end
        end
        core.register_filter("sso_refuse_trailers", trailers, function(trailers, args) return trailers end)

        """
    }

    /// IPv4 has a line of its own: the app would get `::ffff:192.0.2.1` for a client's address.
    private var addresses: [String] {
        site.loopback.map { ["\($0):\(site.port)"] } ?? ["*:\(site.port)", ":::\(site.port) v6only"]
    }

    private var tls: String { site.origin.isSecure ? " ssl crt \(site.certificate) alpn h2,http/1.1" : "" }

    private var certificateNote: String {
        site.origin.isSecure ? "\n# \(site.certificate) has the certificate and its key, one behind the other." : ""
    }

    private func hostLine(_ host: ProxySite.Host) -> String {
        let pattern = host.name.map { "[]".contains($0) ? "\\\($0)" : $0 == "." ? "[.]" : String($0) }.joined()
        return "    http-request set-var(txn.sso_host) str(\(host.authority)) "
            + "if { req.fhdr(Host) -m reg -i '^\(pattern)[.]?(:[0-9]*)?$' }"
    }

    private func gatewayLines(_ host: ProxySite.Host) -> String {
        let matches =
            host.gatewayPrefixes.map { "{ path -m beg \($0) }" } + host.gatewayPaths.map { "{ path -m str \($0) }" }
        return matches.map { match in
            "    http-request set-var(txn.sso) bool(true) if { var(txn.sso_host) -m str \(host.authority) } \(match)"
        }.joined(separator: "\n")
    }

    private var url: String { "http://\(site.gateway.hostAndPort ?? "127.0.0.1")/authz/haproxy" }

    private var destination: String {
        if case .unixSocket(let path) = site.gateway { ", dst = \"unix@\(path)\"" } else { "" }
    }

    private func server(_ address: ProxySite.Address) -> String {
        switch address {
        case .tcp: address.hostAndPort ?? ""
        case .unixSocket(let path): "unix@\(path)"
        }
    }
}

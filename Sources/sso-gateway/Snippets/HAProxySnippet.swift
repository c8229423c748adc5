import Gateway

/// Two files: the sections of haproxy.cfg, and the script that asks the gateway, because HAProxy has no such action of
/// its own. From 2.6, whose Lua has an HTTP client. <https://www.arpalert.org/src/haproxy-lua-api/2.6/index.html>
struct HAProxySnippet {
    static let scriptName = "sso-gateway.lua"

    let site: ProxySite

    var configuration: String {
        """
        global
            # The script lies beside this file.
            default-path config
            lua-load \(Self.scriptName)
            tune.lua.session-timeout 10s
            # Room for the identity headers behind the client's own, however long those are.
            tune.bufsize 32768
            tune.maxrewrite 8192

        defaults
            mode http
            timeout connect 2s
            timeout client 60s
            timeout server 60s
            timeout tunnel 1h
            timeout http-request 10s

        frontend sso
            bind \(site.origin.isLoopback ? "127.0.0.1" : "*"):\(site.port)\(site.origin.isSecure ? " ssl crt \(site.certificate)" : "")

            # One spelling of the target for the gateway and for the app.
            http-request deny deny_status 400 unless { path -m beg / }
            http-request set-uri %[pathq]

            # Programs that fold names read `X_SSO_Role` and `X.SSO.Role` as `X-SSO-Role`: no header with such a name gets
            # any further.
            http-request del-header [^A-Za-z0-9-] -m reg
            # Nor what only the gateway may say, or what names another address than the one that is asked about.
        \(site.cleared.map { "    http-request del-header \($0)" }.joined(separator: "\n"))
            # `Connection` lists headers to drop. A WebSocket is the only other protocol that passes.
            http-request del-header Connection
            http-request del-header Upgrade unless { req.hdr(Upgrade) -i websocket }
            http-request set-header X-Forwarded-For %[src]
            http-request set-header X-Forwarded-Host %[req.hdr(Host)]
            http-request set-header X-Forwarded-Proto \(site.origin.isSecure ? "https" : "http")

            # Signing in and out.
            acl sso path -m beg /sso/
        \(site.callbacks.map { "    acl sso path -m str \($0)\n" }.joined())
            # Everything else is the app's, and stays closed where the script does not say otherwise.
            http-request lua.sso_decide if !sso
            http-request deny deny_status 503 unless sso || { var(txn.sso_allowed) -m bool }
            http-after-response add-header Set-Cookie %[var(txn.sso_cookie)] if { var(txn.sso_cookie) -m found }
            use_backend sso_gateway if sso
            default_backend sso_app

        backend sso_gateway
            server gateway \(server(site.gateway))

        backend sso_app
            server app \(server(site.app))

        """
    }

    var script: String {
        """
        -- Asks the gateway about every request. Whatever is not a plain yes keeps the app closed.
        local gateway = "\(url)"
        local asked = { \(ProxySite.asked.map { "\"\($0.lowercased())\"" }.joined(separator: ", ")) }
        local identity = {
        \(site.identity.map { "    \"\($0)\"," }.joined(separator: "\n"))
        }

        -- The first value, or nil. HAProxy counts values from zero.
        local function first(headers, name)
            local values = headers[name:lower()]
            return values and (values[0] or values[1])
        end

        core.register_action("sso_decide", { "http-req" }, function(txn)
            local client = txn.http:req_get_headers()
            local question = {
                ["x-forwarded-method"] = { txn.sf:method() },
                ["x-forwarded-uri"] = { txn.sf:pathq() },
                ["x-forwarded-host"] = { txn.sf:req_fhdr("host") },
                ["x-forwarded-proto"] = { txn.sf:req_fhdr("x-forwarded-proto") },
                ["x-forwarded-for"] = { txn.sf:src() },
            }
            for _, name in ipairs(asked) do
                if client[name] then
                    question[name] = {}
                    for _, value in pairs(client[name]) do
                        table.insert(question[name], value)
                    end
                end
            end
            local answer = core.httpclient():get{ url = gateway, headers = question\(destination), timeout = 5000 }
            local status = answer and answer.status

            if status == 200 then
                for _, name in ipairs(identity) do
                    local value = first(answer.headers, name)
                    if value and value ~= "" then
                        txn.http:req_set_header(name, value)
                    else
                        txn.http:req_del_header(name)
                    end
                end
                local cookie = first(answer.headers, "set-cookie")
                if cookie then
                    txn:set_var("txn.sso_cookie", cookie)
                end
                txn:set_var("txn.sso_allowed", true)
                return
            end

            local reply = txn:reply()
            reply:add_header("cache-control", "no-store")
            local location = status == 302 and answer and first(answer.headers, "location")
            if location then
                reply:set_status(302)
                reply:add_header("location", location)
            elseif status == 400 or status == 401 or status == 403 then
                reply:set_status(status)
                reply:add_header("content-type", "application/json; charset=utf-8")
                reply:set_body(answer.body or "")
            else
                reply:set_status(503)
            end
            txn:done(reply)
        end)

        """
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

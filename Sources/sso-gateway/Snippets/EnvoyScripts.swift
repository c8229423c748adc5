/// The two Lua filters around the decision. Envoy passes a request on when a script fails, so no line here can fail,
/// whatever the client sends, and each takes a time that grows with its text alone.
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter>
extension EnvoySnippet {
    /// Before the decision: host, address and scheme are ours, and no claim is the client's.
    var clientScript: String {
        """
        local authorities = {
        \(site.hosts.map { "  [\"\($0.name)\"] = \"\($0.authority)\"," }.joined(separator: "\n"))
        }
        -- What only the gateway and this file may say.
        local cleared = {}
        for name in ([[
        \(lines(of: site.cleared.map { $0.lowercased() }))
        ]]):gmatch("%S+") do cleared[name] = true end

        function envoy_on_request(handle)
          local headers = handle:headers()
          local host = (headers:get(":authority") or ""):lower():gsub(":%d*$", "")
          local authority = authorities[host]
          if not authority then handle:respond({ [":status"] = "421" }, "") end

          if headers:get("upgrade") then
            if headers:get(":method") ~= "GET" or handle:streamInfo():protocol() ~= "HTTP/1.1" then
              handle:respond({ [":status"] = "400" }, "")
            end
            headers:replace("upgrade", "websocket")
            headers:replace("connection", "upgrade")
          end

          local gone, cookies = { "cookie", "x-forwarded-host" }, {}
          for name, value in pairs(headers) do
            if name == "cookie" then table.insert(cookies, value) end
            -- Programs that fold names read `X.SSO.Role` as `X-SSO-Role`. Envoy obeys some `x-envoy-` names.
            if cleared[name] or name:find("^x%-envoy%-") or not name:find("^:?[a-z0-9-]+$") then
              table.insert(gone, name)
            end
          end
          for _, name in ipairs(gone) do headers:remove(name) end
          -- The gateway refuses several fields.
          if #cookies > 0 then headers:add("cookie", table.concat(cookies, "; ")) end

          local client = handle:streamInfo():downstreamDirectRemoteAddress():gsub(":%d+$", ""):gsub("[%[%]]", "")
          headers:replace("x-forwarded-for", client)
          headers:replace("x-forwarded-proto", "\(site.scheme)")
          headers:add("x-forwarded-host", authority)
          headers:replace(":authority", authority)
        end

        -- A cache must not keep an answer that carries a session.
        function envoy_on_response(handle)
          local headers, session = handle:headers(), false
          for name, value in pairs(headers) do
            session = session or name == "set-cookie" and value:find("\(site.cookie)=", 1, true) == 1
          end
          if session then
            headers:remove("cache-control")
            headers:add("cache-control", "private, no-store")
          end
        end
        """
    }

    /// After the decision: the app gets no empty claim and not the session's cookie. The gateway's own paths have no
    /// decision, and keep the cookie.
    var appScript: String {
        """
        local identity = {
        \(lines(of: site.identity.map { "\"\($0.lowercased())\"," }))
        }

        function envoy_on_request(handle)
          local headers = handle:headers()
          if not headers:get("\(proof)") then return end
          for _, name in ipairs(identity) do
            if headers:get(name) == "" then headers:remove(name) end
          end

          -- The app has no use for the session's cookie, and could leak it.
          local kept = {}
          for cookie in (headers:get("cookie") or ""):gmatch("[^;]+") do
            local name = cookie:match("^[^=]*"):gsub("%s", "")
            if name ~= "\(site.cookie)" then table.insert(kept, cookie) end
          end
          headers:remove("cookie")
          local cookies = table.concat(kept, ";"):match("^%s*(.*)$")
          if cookies ~= "" then headers:add("cookie", cookies) end
        end
        """
    }

    private func lines(of words: [String]) -> String {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + word.count < 90 {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append("  " + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}

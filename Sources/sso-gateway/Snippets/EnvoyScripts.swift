/// The two Lua filters around the decision. Envoy forwards a request when a script fails, so no line may fail on any
/// input, and each line takes linear time.
/// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter>
extension EnvoySnippet {
    /// Before the decision: it sets host, address and scheme, and removes identity headers of the client.
    var clientScript: String {
        """
        local authorities = {
        \(site.hosts.map { "  [\"\($0.name)\"] = \"\($0.authority)\"," }.joined(separator: "\n"))
        }
        -- Headers that only the gateway and this file may set.
        local cleared = {}
        for name in ([[
        \(lines(of: site.clearedBesideFamilies.map { $0.lowercased() }))
        ]]):gmatch("%S+") do cleared[name] = true end
        local families = { \(ProxySite.families.map { "\"^\($0.lowercased().replacing("-", with: "%-"))\"" }.joined(separator: ", ")) }

        local function is_cleared(name)
          -- Programs that fold names read `X.SSO.Role` as `X-SSO-Role`.
          if cleared[name] or not name:find("^:?[a-z0-9-]+$") then return true end
          for _, family in ipairs(families) do
            if name:find(family) and name ~= "x-forwarded-for" and name ~= "x-forwarded-proto" then return true end
          end
          return false
        end

        function envoy_on_request(handle)
          local headers = handle:headers()
          local host = (headers:get(":authority") or ""):lower():gsub(":%d*$", "")
          local authority = authorities[host]
          if not authority then handle:respond({ [":status"] = "421" }, "") end

          -- The decision request would have `!` in the place of a byte that is not UTF-8.
          if headers:get(":path"):find("[^\\33-\\126]") then handle:respond({ [":status"] = "400" }, "") end

          if headers:get("upgrade") then
            local has_body = headers:get("content-length") or headers:get("transfer-encoding")
            if has_body or headers:get(":method") ~= "GET" or handle:streamInfo():protocol() ~= "HTTP/1.1" then
              handle:respond({ [":status"] = "400" }, "")
            end
            headers:replace("upgrade", "websocket")
            headers:replace("connection", "upgrade")
          end

          local gone, cookies = { "cookie" }, {}
          for name, value in pairs(headers) do
            if name == "cookie" then table.insert(cookies, value) end
            if is_cleared(name) then table.insert(gone, name) end
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
            for _, name in ipairs({ "cache-control", "cdn-cache-control", "expires", "surrogate-control" }) do
              headers:remove(name)
            end
            headers:add("cache-control", "private, no-store")
          end
        end
        """
    }

    /// After the decision: it removes empty identity headers and the session's cookie. The gateway's own paths have no
    /// decision and keep the cookie.
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

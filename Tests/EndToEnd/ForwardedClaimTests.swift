import HTTP
import Testing

/// Scheme, host and port come from the configuration, never from a request.
@Suite struct `What a request says about its own origin` {
    private static let claims: [HTTPHeaders] = [
        ["X-Forwarded-Proto": "http"], ["X-Forwarded-Host": "evil.test"], ["X-Forwarded-Port": "81"],
        ["Forwarded": "host=evil.test;proto=http"], ["X-Forwarded-Prefix": "//evil.test"],
        ["X-Original-Host": "evil.test"],
        ["X-Forwarded-Server": "evil.test"], ["X-Forwarded-Proto": "https, http", "X-Forwarded-Ssl": "off"],
        ["Front-End-Https": "off", "X-Url-Scheme": "http", "X-Forwarded-Scheme": "http"],
    ]

    @Test(arguments: claims.indices)
    func `RT-07 RT-08 changes no cookie and no address`(index: Int) async throws {
        let claim = Self.claims[index]
        try await LoginWorld.run { world in
            let browser = world.browser()
            let start = try await browser.get("/sso/start?rd=/reports", headers: claim)
            #expect(start.location.hasPrefix(world.standIn.url + "/sso/integrations/acme?sso_flow="))
            let callback = try await browser.get(start.location).location
            #expect(callback.hasPrefix(LoginWorld.origin + "/sso/callback?"))
            let landed = try await browser.get(callback, headers: claim)
            #expect(landed.location == "/reports")
            let cookies = (start.headers.all("Set-Cookie") + landed.headers.all("Set-Cookie"))
            #expect(cookies.count == 4)
            for cookie in cookies {
                #expect(cookie.hasPrefix("__Host-sso_") && cookie.hasSuffix("; HttpOnly; SameSite=Lax; Secure"))
                #expect(!cookie.contains("Domain"))
            }
            #expect(try await browser.session() != nil)
        }
    }
}

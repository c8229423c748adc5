import CurlHTTPClient
import HTTP
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Requests at the addresses of standard logins that begin or finish nothing, and what of them is kept.
@Suite struct StandardLoginRequestTests {
    @Test(arguments: [
        ("", "iss_missing", 400), ("iss=", "empty_iss", 400),
        ("iss=https://elsewhere.example", "initiated_by_other_iss", 400),
        ("iss=ISSUER/", "initiated_by_other_iss", 400),
        ("iss=ISSUER&iss=ISSUER", "doubled_iss", 400),
        ("iss=ISSUER&login_hint=a&login_hint=b", "doubled_login_hint", 400),
        ("iss=ISSUER&login_hint=LONG", "too_long_login_hint", 400), ("iss=%ff", "not_utf8", 400),
        ("iss=ISSUER&target_link_uri=/a&target_link_uri=/b", "doubled_target_link_uri", 400),
        ("iss=ISSUER&login_hint=%0d%0aSet-Cookie:x", "control_byte", 400),
    ])
    func `what cannot be read begins nothing`(_ query: String, _ reason: String, _ status: Int) async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let filled = query.replacing("ISSUER", with: PercentEncoding.encode(world.standIn.url))
                .replacing("LONG", with: String(repeating: "a", count: 2049))
            let page = try await browser.get("/sso/oidc?" + filled)
            #expect(page.status == status && world.lastFailure == reason, "\(world.lastFailure)")
            #expect(!browser.cookieNames.contains { $0.contains("oidc") })
            #expect(world.standIn.counters.discoveryFetches == 0)
        }
    }

    @Test(arguments: [
        ["Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"],
        ["Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"],
        ["Sec-Purpose": "prefetch"],
    ])
    func `only a navigation begins or finishes a login`(_ fields: [String: String]) async throws {
        try await LoginWorld.standard { world in
            let headers = HTTPHeaders(fields.map { .init(name: $0.key, value: $0.value) })
            let browser = world.browser()
            let issuer = PercentEncoding.encode(world.standIn.url)
            let begun = try await browser.get("/sso/oidc?iss=\(issuer)", headers: headers)
            #expect(begun.status == 403 && browser.cookieNames.isEmpty)
            let login = try await StandardLogin.begin(world, in: browser)
            let early = try await browser.get(login.answer, headers: headers)
            #expect(early.status == 403 && early.session == nil && world.standIn.counters.exchanges == 0)
            #expect(try await browser.get(login.answer).status == 303)
        }
    }

    @Test func `HEAD and POST begin and finish nothing`() async throws {
        try await LoginWorld.standard { world in
            for path in ["/sso/oidc", "/sso/oidc/callback"] {
                for (method, status) in [(HTTPMethod.head, 204), (.post, 405)] {
                    let url = world.gatewayURL + path + "?iss=\(world.standIn.url)&state=a&code=b"
                    let answer = try await world.client.send(HTTPClientRequest(method, url, timeout: .seconds(10)))
                    #expect(answer.status.rawValue == status && answer.headers["Set-Cookie"] == nil)
                }
            }
        }
    }

    @Test func `a deep link that cannot be read fails no login`() async throws {
        try await LoginWorld.standard { world in
            world.standIn.fail(.answerBadDeepLink)
            let browser = world.browser()
            let landed = try await browser.get(try await StandardLogin.begin(world, in: browser).answer)
            #expect(landed.status == 303 && landed.location == "/dashboard")
        }
    }

    @Test func `no code, state, nonce, hint or token is in the log`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            let landed = try await browser.get(login.answer)
            #expect(landed.status == 303)
            let secrets = world.standIn.secrets
            #expect(!secrets.tokens.isEmpty)
            let names = ["state", "nonce", "code_challenge", "login_hint"]
            let parameters = names.compactMap { StandardLogin.parameter($0, of: login.authorization) }
            #expect(parameters.count == names.count)
            for text in world.log.all + [landed.location] + browser.cookieNames.compactMap({ browser[cookie: $0] }) {
                for secret in secrets.codes + secrets.tokens + parameters { #expect(!text.contains(secret)) }
            }
        }
    }
}

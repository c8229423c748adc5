import CurlHTTPClient
import HTTP
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Whole standard logins: from the marketplace's dashboard or the app to the app's page.
@Suite struct StandardLoginTests {
    @Test func `a click in the marketplace ends on the app's page as that member`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let landed = try await browser.open(
                world.standIn.url + "/sso/integrations/acme?user=\(LoginWorld.ben)&resource_id=db_engine")
            #expect(landed.status == 303 && landed.location == "/resources/db_engine")
            let session = try #require(try await browser.session())
            #expect(session.contains(#""user_id":"\#(LoginWorld.ben)""#) && session.contains(#""role":"USER""#))
            #expect(!browser.cookieNames.contains { $0.contains("oidc") })
            #expect(world.log.all.contains { $0.hasPrefix("login_succeeded") && $0.contains(LoginWorld.ben) })
            #expect(world.standIn.counters.exchanges == 1 && world.standIn.counters.discoveryFetches == 1)
        }
    }

    @Test func `a login that began at the app ends where it began, without a confirmation`() async throws {
        try await LoginWorld.standard {
            $0.confirm = .always
        } _: { world in
            let browser = world.browser()
            let landed = try await browser.open("/sso/start?rd=/reports/7%3Fyear%3D2026")
            #expect(landed.location == "/reports/7?year=2026")
            #expect(try await browser.session() != nil)
            #expect(!browser.cookieNames.contains { $0.contains("flow") || $0.contains("oidc") })
        }
    }

    @Test(arguments: [
        ("", "/dashboard", 0), ("resource_id=db_engine", "/resources/db_engine", 0), ("path=billing", "/billing", 0),
        ("url=/reports/today%3Funit%3Dms", "/reports/today?unit=ms", 0),
        ("url=https://app.example.test/x", "https://app.example.test/x", 0),
        // The marketplace's own answer counts more than the request, which anyone can send.
        ("url=/reports&resource_id=db_engine", "/resources/db_engine", 0),
        ("url=/reports&resource_id=a%252Fb", "/reports", 1),
        ("url=https://evil.example/", "/dashboard", 1), ("url=//evil.example/", "/dashboard", 1),
        ("url=/%5Cevil.example/", "/dashboard", 1), ("url=https://app.example.test.evil.example/", "/dashboard", 1),
        ("url=javascript:alert(1)", "/dashboard", 1), ("url=/sso/oidc", "/dashboard", 1),
        ("url=/sso/oidc/callback%3Fstate%3D1", "/dashboard", 1), ("resource_id=..", "/dashboard", 1),
        ("url=/./sso/oidc", "/dashboard", 1), ("url=/x/%252e%252e/sso/oidc", "/dashboard", 1),
        ("url=/" + String(repeating: "%2520", count: 200), "/dashboard", 1), ("shoe_size=43", "/dashboard", 0),
    ])
    func `deep links come as target_link_uri and as v_deeplink`(_ query: String, _ location: String, _ ignored: Int)
        async throws
    {
        try await LoginWorld.standard { world in
            let landed = try await world.browser().open(world.standIn.url + "/sso/integrations/acme?" + query)
            #expect(landed.status == 303 && landed.location == location && landed.session != nil)
            let metrics = try await world.client.send(
                HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
            #expect(
                metrics.body.exposedText?.string.contains(
                    "\nsso_gateway_deep_link_values_ignored_total \(ignored)\n") == true)
            #expect(!world.log.all.contains { $0.contains("evil") })
        }
    }

    @Test func `a target that is too long is passed over`() async throws {
        try await LoginWorld.standard { world in
            let long = "/" + String(repeating: "a", count: 1024)
            let landed = try await world.browser().open(world.standIn.url + "/sso/integrations/acme?url=\(long)")
            #expect(landed.location == "/dashboard" && landed.session != nil)
        }
    }

    @Test func `the request to the issuer has what the standards ask for`() async throws {
        try await LoginWorld.standard { world in
            let login = try await StandardLogin.begin(world, in: world.browser())
            let other = try await StandardLogin.begin(world, in: world.browser())
            func value(_ name: String) -> String { StandardLogin.parameter(name, of: login.authorization) ?? "" }
            #expect(value("response_type") == "code" && value("scope") == "openid")
            #expect(value("client_id") == "oac_Acme" && value("code_challenge_method") == "S256")
            #expect(value("redirect_uri") == "https%3A%2F%2Fapp.example.test%2Fsso%2Foidc%2Fcallback")
            #expect(value("code_challenge").utf8.count == 43)
            #expect(value("login_hint") == StandardLogin.parameter("login_hint", of: login.initiation))
            for name in ["state", "nonce", "code_challenge"] {
                #expect(value(name) != StandardLogin.parameter(name, of: other.authorization), "\(name)")
            }
        }
    }

    @Test func `a login hint is passed on byte by byte`() async throws {
        try await LoginWorld.standard { world in
            let hint = "a%26b%3Dc%2B%20%22%3C%C3%A9"
            let issuer = PercentEncoding.encode(world.standIn.url)
            let answer = try await world.browser().get("/sso/oidc?iss=\(issuer)&login_hint=\(hint)")
            #expect(StandardLogin.parameter("login_hint", of: answer.location) == hint)
        }
    }

    @Test func `with a slash at their ends the addresses are the same`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let issuer = PercentEncoding.encode(world.standIn.url)
            let authorization = try await browser.get("/sso/oidc/?iss=\(issuer)").location
            let answer = try await browser.get(authorization).location
            let landed = try await browser.get(answer.replacing("/callback?", with: "/callback/?"))
            #expect(landed.status == 303 && landed.session != nil)
        }
    }

    @Test func `without oidc_path there is no such address`() async throws {
        try await LoginWorld.run { world in
            for path in ["/sso/oidc", "/sso/oidc/", "/sso/oidc/callback"] {
                let answer = try await world.browser().get(path + "?iss=https://marketplace.vercel.com&state=a&code=b")
                #expect(answer.status == 404)
            }
        }
    }

    @Test func `pushed codes work beside standard logins, and neither endpoint takes the other's codes`() async throws {
        try await LoginWorld.standard { world in
            let pushed = try await world.browser().callBack(world.standIn.click())
            #expect(pushed.status == 303 && pushed.session != nil)
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            let crossed = try await world.browser().callBack("mode=sso&code=\(login.code)")
            #expect(crossed.status == 400 && crossed.title == LoginFailure.codeRefused.title)
            let code = StandardLogin.parameter("code", of: "?" + world.standIn.click()) ?? ""
            let other = try await browser.get(
                "/sso/oidc/callback?state=\(login.state)&code=\(code)&iss=\(world.standIn.url)")
            #expect(other.status == 400 && other.title == LoginFailure.codeRefused.title && other.session == nil)
        }
    }

    @Test func `another member's session is not replaced without a confirmation`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            _ = try await browser.get(try await StandardLogin.begin(world, in: browser).answer)
            let login = try await StandardLogin.begin(world, in: browser, user: LoginWorld.ben)
            let page = try await browser.get(login.answer)
            #expect(page.status == 200 && page.title.hasPrefix("Switch to Ben") && page.session == nil)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
            let ticket = try #require(page.field("ticket"))
            let switched = try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch")
            #expect(switched.status == 303)
            #expect(try await browser.session()?.contains(LoginWorld.ben) == true)
        }
    }

    @Test func `two integrations have addresses, logins and answers of their own`() async throws {
        try await LoginWorld.standard {
            $0.integrations.append(
                LoginWorld.Plan.standard(
                    "sandbox", clientID: "oac_Sandbox", callback: "/sandbox/callback", login: "/sso/oidc-sandbox"))
            $0.integrations[1].webhookURL = LoginWorld.origin + "/sandbox/webhook"
        } _: { world in
            for slug in ["acme", "sandbox"] {
                let landed = try await world.browser().open(world.standIn.url + "/sso/integrations/\(slug)")
                #expect(landed.status == 303 && landed.session != nil, "\(slug)")
            }
            // RT-44: the answer for one integration at the other's callback, in the same browser.
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            let crossed = try await browser.get(login.answer.replacing("/sso/oidc/", with: "/sso/oidc-sandbox/"))
            #expect(crossed.status == 400 && crossed.title == LoginFailure.unknownState.title)
            #expect(try await browser.session() == nil)
            #expect(try await browser.get(login.answer).status == 303)
        }
    }

    @Test func `five tabs side by side all arrive, in any order`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            var answers: [(String, String)] = []
            for number in 1...5 {
                let login = try await StandardLogin.begin(world, in: browser, "url=/tab/\(number)")
                answers.append(("/tab/\(number)", login.answer))
            }
            for (page, answer) in answers.reversed() {
                let landed = try await browser.get(answer)
                #expect(landed.status == 303 && landed.location == page)
            }
        }
    }

    @Test func `a browser that loses each session gets a page at the fourth login`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            for _ in 0..<3 {
                #expect(try await browser.open(world.standIn.url + "/sso/integrations/acme").location == "/dashboard")
                browser[cookie: TestBrowser.sessionName] = nil
            }
            let page = try await browser.open(world.standIn.url + "/sso/integrations/acme")
            #expect(page.status == 200 && page.title == "Signing in does not last" && page.session == nil)
            #expect(world.log.all.contains { $0.hasPrefix("login_loop") })
        }
    }

    @Test func `rd cannot lead to an address that begins a login`() async throws {
        try await LoginWorld.standard { world in
            for target in ["/sso/oidc?iss=x", "/sso/oidc/", "/sso/oidc/callback?state=a", "/sso/%6fidc"] {
                let page = try await world.browser().get("/sso/start?rd=" + PercentEncoding.encode(target))
                #expect(page.status == 400, "\(target)")
            }
        }
    }
}

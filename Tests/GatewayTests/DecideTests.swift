import HTTP
import JOSE
import Marketplace
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway

@Suite struct DecideTests {
    private let rules = RuleTable([
        .init(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin])),
        .init(host: nil, path: "/assets/", methods: ["GET"], verdict: .anyone),
        .init(host: "closed.example.test", path: nil, methods: nil, verdict: .roles([.admin])),
    ])

    private func decide(
        _ path: String, host: String = "app.example.test", method: String = "GET", as session: Session? = nil,
        headers extra: HTTPHeaders = [:], peer: String = "127.0.0.1", settings: GatewaySettings? = nil,
        now: Int64 = TestWorld.now, endpoint: String = "/authz/nginx"
    ) -> HTTPResponse {
        let settings = settings ?? TestWorld.settings(rules: rules)
        let access = TestWorld.access
        let keeper = SessionKeeper(ring: TestWorld.ring, settings: settings, access: access)
        let gateway = Gateway(
            settings: settings, keyRing: TestWorld.ring, access: access, client: NoClient(),
            Observability(clock: Clock(unixSeconds: { now }, nanoseconds: { 0 })))
        var headers: HTTPHeaders = [
            "Host": "gateway", "X-Original-Method": method, "X-Original-URI": path, "X-Forwarded-Host": host,
            "X-Forwarded-Proto": "https",
        ]
        if let session {
            headers.append("Cookie", String(keeper.issue(session, now: TestWorld.now).prefix { $0 != ";" }))
        }
        for field in extra.fields { headers.append(field.name, field.value) }
        guard case .now(let response) = gateway.answer(TestWorld.request(endpoint, headers: headers, peer: peer)) else {
            preconditionFailure("a decision is answered at once")
        }
        return response
    }

    @Test func `a signed-in member is allowed with the whole header set`() {
        let response = decide("/x", as: TestWorld.session(role: .admin, name: "Zoë", email: ""))
        #expect(response.status == .ok && response.body.isEmpty)
        let names = [
            "X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Preferred-Username", "X-Auth-Request-Groups",
            "X-SSO-Integration", "X-SSO-Installation", "X-SSO-Account", "X-SSO-Role", "X-SSO-Role-Age", "X-SSO-Session",
            "X-SSO-Assertion",
        ]
        #expect(names.allSatisfy { response.headers[$0] != nil })
        #expect(response.headers["X-Auth-Request-User"] == "0123abcd")
        #expect(response.headers["X-Auth-Request-Preferred-Username"] == "Zo%C3%AB")
        #expect(response.headers["X-Auth-Request-Email"] == "")
        #expect(response.headers["X-SSO-Role"] == "ADMIN")
    }

    @Test func `people who come from oauth2-proxy get its 202`() {
        #expect(decide("/x", as: TestWorld.session(), endpoint: "/oauth2/auth").status == .accepted)
        #expect(decide("/x", endpoint: "/oauth2/auth").status == .unauthorized)
    }

    @Test(arguments: [
        ("/admin", "USER", 403), ("/admin/x", "USER", 403), ("/admin/x", "ADMIN", 200),
        ("/administrators", "USER", 200),
        ("/Admin", "USER", 403), ("/a%64min/x", "USER", 403), ("/x?y=/assets/", "USER", 200),
    ])
    func `RT-65 rules decide on the decoded path, on segment boundaries`(path: String, role: String, status: Int) throws
    {
        let session = TestWorld.session(role: try #require(MemberRole(rawValue: role)))
        #expect(decide(path, as: session).status.rawValue == status)
    }

    @Test func `RT-10 RT-11 an anonymous allowed response empties the whole header set`() {
        let response = decide("/assets/logo.png")
        #expect(response.status == .ok)
        let names = IdentityHeaders(.authRequest).names
        #expect(names.count == 11 && names.allSatisfy { response.headers[$0] == "" })
        #expect(decide("/assets/logo.png", method: "POST").status == .unauthorized)
    }

    @Test func `a rule of one host holds for every spelling of it and for no other`() {
        let session = TestWorld.session(role: .user)
        #expect(decide("/x", host: "CLOSED.example.test.:443", as: session).status == .forbidden)
        #expect(decide("/x", host: "app.example.test", as: session).status == .ok)
    }

    @Test func `a browser gets the address to sign in, a program does not`() {
        let browser = decide("/a?b=c&d", headers: ["Sec-Fetch-Mode": "navigate"])
        #expect(browser.status == .unauthorized)
        #expect(browser.headers["X-SSO-Login"] == "/sso/start?integration=live&rd=%2Fa%3Fb%3Dc%26d")
        #expect(decide("/a", headers: ["Accept": "text/html"]).headers["X-SSO-Login"] != nil)
        #expect(decide("/a", headers: ["Sec-Fetch-Mode": "cors", "Accept": "text/html"]).headers["X-SSO-Login"] == nil)
        #expect(decide("/a", headers: ["Accept": "application/json"]).headers["X-SSO-Login"] == nil)
        #expect(decide("/a", method: "POST", headers: ["Sec-Fetch-Mode": "navigate"]).headers["X-SSO-Login"] == nil)
    }

    @Test func `RT-01 an untrusted peer gets no decision`() {
        for (endpoint, status) in [("/authz/nginx", HTTPStatus.forbidden), ("/authz/caddy", .badRequest)] {
            #expect(decide("/x", as: TestWorld.session(), peer: "192.0.2.1", endpoint: endpoint).status == status)
            #expect(decide("/assets/x", peer: "::2", endpoint: endpoint).status == status)
        }
    }

    @Test func `RT-117: nginx is refused with 403, because it makes a 500 of a 400`() {
        for path in ["/a/../b", "/%", "x", "/a\\b", ""] {
            #expect(decide(path, as: TestWorld.session()).status == .forbidden)
            #expect(decide(path, as: TestWorld.session(), endpoint: "/oauth2/auth").status == .forbidden)
        }
        #expect(decide("/api?re=\\d+", as: TestWorld.session()).status == .ok)
        let away = decide("/api?re=\\d+#\u{e9}", headers: ["Sec-Fetch-Mode": "navigate"])
        #expect(away.headers["X-SSO-Login"] == "/sso/start?integration=live&rd=%2Fapi%3Fre%3D%255Cd%2B%2523%25C3%25A9")
    }

    @Test func `a path that looks like another host is no way back`() {
        let away = decide("//evil.test/x", headers: ["Sec-Fetch-Mode": "navigate"])
        #expect(away.headers["X-SSO-Login"] == "/sso/start?integration=live")
    }

    @Test(arguments: ["evil.test", "status.partner.example", "app.example.test.evil.test", "127.0.0.1", "localhost"])
    func `RT-99: a host that is neither the public one nor in a rule gets no decision`(host: String) {
        #expect(decide("/x", host: host, as: TestWorld.session(role: .admin)).status == .forbidden)
        #expect(decide("/assets/x", host: host).status == .forbidden)
    }

    @Test func `RT-107: no session is renewed where anyone is allowed`() {
        let session = TestWorld.session()
        let later = TestWorld.now + 400
        #expect(decide("/x", as: session, now: later).headers["Set-Cookie"] != nil)
        let open = decide("/assets/logo.png", as: session, now: later)
        #expect(open.status == .ok && open.headers["X-Auth-Request-User"] == "0123abcd")
        #expect(open.headers["Set-Cookie"] == nil)
        #expect(decide("/ASSETS/logo.png", as: session, now: later).headers["Set-Cookie"] != nil)
    }

    @Test(arguments: ["sso_session=x", "__Host-sso_session=", "__Host-sso_session=0a1b2c3d.AAAA", ";;;=", "\u{fffd}"])
    func `RT-16 no cookie that is not ours opens anything`(cookie: String) {
        #expect(decide("/x", headers: ["Cookie": cookie]).status == .unauthorized)
    }

    @Test func `RT-02 no User-Agent changes a decision`() {
        var generator = SplitMix(state: 2)
        let random = (0..<200).map { _ in
            String((0..<30).map { _ in Character(UnicodeScalar(UInt8.random(in: 0x20...0x7e, using: &generator))) })
        }
        let session = TestWorld.session()
        for agent in ["GoogleHC/1.0", "kube-probe/1.29", "", "curl/8"] + random {
            #expect(decide("/x", headers: ["User-Agent": agent]).status == .unauthorized)
            #expect(decide("/x", as: session, headers: ["User-Agent": agent]).status == .ok)
            #expect(decide("/admin/x", as: session, headers: ["User-Agent": agent]).status == .forbidden)
        }
    }

    @Test func `RT-96 the gateway's own addresses are no public paths of the app`() {
        for path in ["/ping", "/robots.txt", "/metrics", "/ready", "/.well-known/jwks.json", "/sso/assets/x"] {
            #expect(decide(path).status == .unauthorized)
        }
    }

    @Test func `the cookie is renewed once a third of the idle time has passed, and ends with the idle time`() {
        let session = TestWorld.session()
        #expect(decide("/x", as: session, now: TestWorld.now + 299).headers["Set-Cookie"] == nil)
        let renewed = decide("/x", as: session, now: TestWorld.now + 300)
        #expect(renewed.status == .ok)
        #expect(renewed.headers["Set-Cookie"]?.hasPrefix("__Host-sso_session=") == true)
        #expect(decide("/x", as: session, now: TestWorld.now + 900).status == .unauthorized)
    }

    /// One gateway answers all of them, so that whatever it remembers of one could serve another.
    @Test func `RT-56: no answer is remembered for another path, method, host or person`() {
        let access = TestWorld.access
        let settings = TestWorld.settings(rules: rules)
        let gateway = Gateway(
            settings: settings, keyRing: TestWorld.ring, access: access, client: NoClient(),
            TestWorld.observability)
        let keeper = SessionKeeper(ring: TestWorld.ring, settings: settings, access: access)
        let (user, admin) = (TestWorld.session(role: .user), TestWorld.session(user: "feed", role: .admin))
        func status(_ method: String, _ path: String, _ host: String, _ session: Session?) -> Int {
            var headers: HTTPHeaders = [
                "X-Original-Method": method, "X-Original-URI": path, "X-Forwarded-Host": host,
                "X-Forwarded-Proto": "https",
            ]
            if let session {
                headers.append("Cookie", String(keeper.issue(session, now: TestWorld.now).prefix { $0 != ";" }))
            }
            guard case .now(let response) = gateway.answer(TestWorld.request("/authz/nginx", headers: headers)) else {
                return 0
            }
            return response.status.rawValue
        }
        for _ in 0..<3 {
            #expect(status("GET", "/admin/x", "app.example.test", admin) == 200)
            #expect(status("GET", "/admin/x", "app.example.test", user) == 403)
            #expect(status("GET", "/x", "app.example.test", user) == 200)
            #expect(status("GET", "/x", "closed.example.test", user) == 403)
            #expect(status("GET", "/assets/x", "app.example.test", nil) == 200)
            #expect(status("POST", "/assets/x", "app.example.test", nil) == 401)
            #expect(status("GET", "/x", "app.example.test", nil) == 401)
        }
    }

    @Test func `default deny refuses what no rule allows`() {
        let settings = TestWorld.settings(rules: RuleTable(rules.rules, default: .deny))
        #expect(decide("/x", as: TestWorld.session(role: .admin), settings: settings).status == .forbidden)
        #expect(decide("/admin/", as: TestWorld.session(role: .admin), settings: settings).status == .ok)
        #expect(decide("/x", settings: settings).status == .unauthorized)
    }

    @Test(arguments: IdentityHeaderFamily.allCases)
    func `each family has four names of its own`(family: IdentityHeaderFamily) {
        let headers = IdentityHeaders(family).headers(
            for: TestWorld.live(), assertion: "a.b.c", now: TestWorld.now)
        #expect(headers[family.user] == "0123abcd" && headers[family.groups] == "USER")
        #expect(headers["X-SSO-Assertion"] == "a.b.c" && headers.fields.count == 11)
    }

    @Test func `the assertion is for the app that a rule names, or else for the host`() throws {
        let rules = RuleTable([
            .init(host: nil, path: "/billing/", methods: nil, verdict: .roles([.user]), app: "billing"),
            .init(host: nil, path: "/assets/", methods: nil, verdict: .anyone),
            .init(host: "cdn.example.test", path: nil, methods: nil, verdict: .roles([.user])),
        ])
        let settings = TestWorld.settings(rules: rules)
        func audience(_ path: String, host: String = "app.example.test") throws -> String? {
            let response = decide(path, host: host, as: TestWorld.session(), settings: settings)
            let token = try #require(response.headers["X-SSO-Assertion"])
            let parts = token.split(separator: ".").map(String.init)
            try #require(parts.count == 3)
            return try JSONObject(parsing: try #require(Base64URL.decode(parts[1])))["aud"]?.text?.string
        }
        #expect(try audience("/billing/x") == "billing")
        #expect(try audience("/x") == "app.example.test")
        #expect(try audience("/assets/x", host: "CDN.example.test.:443") == "cdn.example.test")
        #expect(decide("/assets/x", settings: settings).headers["X-SSO-Assertion"] == "")
        #expect(decide("/billing/x", settings: settings).headers["X-SSO-Assertion"] == nil)
    }

    @Test(arguments: ["a\r\nX-SSO-Role: ADMIN", "a\u{0}b", "é", "%41", "\u{7f}", "\t"])
    func `RT-88 no claim breaks out of a header`(value: String) {
        let text = IdentityHeaders.ascii(value)
        #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) })
        #expect(text != value)
    }
}

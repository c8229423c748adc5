import HTTP
import Marketplace
import SecretMemory
import TestSupport
import Testing

@testable import Gateway

/// The same decisions in every dialect, with the answers that each proxy understands.
@Suite struct DecideByDialectTests {
    static let endpoints = ProxyDialect.all.map(\.endpoint)
    private static let browser: HTTPHeaders = ["Sec-Fetch-Mode": "navigate", "Accept": "text/html"]
    private static let rules = RuleTable([
        .init(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin])),
        .init(host: nil, path: "/public/", methods: nil, verdict: .anyone),
    ])

    private func ask(
        _ endpoint: String, _ target: String = "/a?b=c", method: HTTPMethod = .get, as session: Session? = nil,
        headers extra: HTTPHeaders = [:], peer: PeerAddress = .unixSocket
    ) throws -> HTTPResponse {
        let dialect = try #require(ProxyDialect.all.first { $0.endpoint == endpoint })
        var (path, headers) = ProxyDialectTests.decisionRequest(dialect)
        if dialect.target == .decisionRequest { path = endpoint + target }
        headers = HTTPHeaders(
            headers.fields.filter { $0.name != "Cookie" }.map { field in
                if case .header(let header) = dialect.target, header.name == field.name {
                    return .init(name: field.name, value: target)
                }
                if case .header(let header) = dialect.method, header.name == field.name {
                    return .init(name: field.name, value: method.rawValue)
                }
                return field
            } + extra.fields)
        let settings = TestWorld.settings(rules: Self.rules)
        let access = TestWorld.access
        if let session {
            let keeper = SessionKeeper(ring: TestWorld.ring, settings: settings, access: access)
            headers.append("Cookie", String(keeper.issue(session, now: TestWorld.now).prefix { $0 != ";" }))
        }
        let gateway = Gateway(
            settings: settings, keyRing: TestWorld.ring, access: access, client: NoClient(),
            TestWorld.observability)
        let request = HTTPRequest(
            method: dialect.method == .decisionRequest ? method : .get, target: try RequestTarget(SecretBytes(path)),
            headers: headers, body: SecretBytes([]), peer: peer)
        guard case .now(let response) = gateway.answer(request) else {
            preconditionFailure("a decision is answered at once")
        }
        return response
    }

    @Test(arguments: endpoints)
    func `a member is allowed, with 202 only at oauth2-proxy's address`(endpoint: String) throws {
        let response = try ask(endpoint, as: TestWorld.session())
        #expect(response.status == (endpoint == "/oauth2/auth" ? .accepted : .ok))
        #expect(response.headers["X-Auth-Request-User"] == "0123abcd" && response.body.isEmpty)
        #expect(try ask(endpoint, "/admin/x", as: TestWorld.session()).status == .forbidden)
    }

    @Test(arguments: endpoints)
    func `a browser is redirected to sign in where the proxy forwards redirects`(endpoint: String) throws {
        let address = "/sso/start?integration=live&rd=%2Fa%3Fb%3Dc"
        for method in [HTTPMethod.get, .head] {
            for headers in [Self.browser, ["Sec-Fetch-Mode": "navigate"], ["Accept": "text/html,*/*;q=0.8"]] {
                let response = try ask(endpoint, method: method, headers: headers)
                switch endpoint {
                case "/authz/nginx", "/oauth2/auth":
                    #expect(response.status == .unauthorized && response.headers["Location"] == nil)
                    #expect(response.headers["X-SSO-Login"] == address)
                case "/authz/traefik":
                    // It resolves a path against the decision request's address.
                    #expect(response.headers["Location"] == "https://app.example.test" + address)
                    #expect(response.status == .found)
                default: #expect(response.status == .found && response.headers["Location"] == address)
                }
                #expect(response.headers["Cache-Control"] == "no-store")
            }
        }
    }

    @Test(arguments: endpoints)
    func `a program, a form and a WebSocket are never redirected`(endpoint: String) throws {
        let programs: [HTTPHeaders] = [
            [:], ["Accept": "application/json"], ["Accept": "*/*"],
            ["Accept": "text/html", "X-Requested-With": "XMLHttpRequest"],
            ["Sec-Fetch-Mode": "cors", "Accept": "text/html"], ["Sec-Fetch-Mode": "websocket"],
            ["Upgrade": "websocket", "Accept": "text/html"], ["Sec-Fetch-Mode": "no-cors", "Accept": "image/*"],
        ]
        for headers in programs {
            let response = try ask(endpoint, headers: headers)
            #expect(response.status == .unauthorized && response.headers["Location"] == nil)
            #expect(response.headers["X-SSO-Login"] == nil, "\(headers.fields)")
        }
        for method in HTTPMethod.known where method != .get && method != .head {
            let response = try ask(endpoint, method: method, headers: Self.browser)
            #expect(response.status == .unauthorized && response.headers["Location"] == nil, "\(method)")
            #expect(response.headers["X-SSO-Login"] == nil, "\(method)")
            let isPage = String(decoding: response.body, as: UTF8.self).hasPrefix("<!doctype html>")
            let isForNginx = ["/authz/nginx", "/oauth2/auth"].contains(endpoint)
            #expect(isPage == (method == .post && !isForNginx), "\(method)")
            #expect(response.headers["X-SSO-Page"] == (method == .post && isForNginx ? "/sso/not_sent" : nil))
        }
    }

    @Test(arguments: endpoints)
    func `a person whose role does not permit it gets a page, a program only the refusal`(endpoint: String) throws {
        let isForNginx = ["/authz/nginx", "/oauth2/auth"].contains(endpoint)
        for method in HTTPMethod.known {
            let isPerson = [.get, .head, .post].contains(method)
            let page = try ask(endpoint, "/admin/", method: method, as: TestWorld.session(), headers: Self.browser)
            let program = try ask(endpoint, "/admin/", method: method, as: TestWorld.session())
            for (response, isPage) in [(page, isPerson), (program, false)] {
                #expect(response.status == .forbidden)
                #expect(response.headers["X-SSO-Page"] == (isPage && isForNginx ? "/sso/not_permitted" : nil))
                let body = String(decoding: response.body, as: UTF8.self)
                #expect(body.hasPrefix("<!doctype html>") == (isPage && !isForNginx), "\(method)")
                #expect(isPage && !isForNginx || body.hasPrefix(#"{"error":"#), "\(method)")
                #expect(response.headers["Cache-Control"] == "no-store")
            }
        }
    }

    @Test(arguments: endpoints)
    func `RT-66 every refusal has a body of ours alone and no identity`(endpoint: String) throws {
        for (target, session) in [("/a", nil), ("/admin/", TestWorld.session()), ("/a/../b", TestWorld.session())] {
            let response = try ask(endpoint, target, as: session)
            #expect((400...499).contains(response.status.rawValue))
            #expect(response.headers.fields.allSatisfy { !$0.name.hasPrefix("X-Auth-") })
            #expect(String(decoding: response.body, as: UTF8.self).hasPrefix(#"{"error":"#))
        }
    }

    @Test(arguments: endpoints)
    func `RT-96 no address of the gateway's own is a public path of the app`(endpoint: String) throws {
        let own = [
            "/ping", "/ready", "/metrics", "/robots.txt", "/.well-known/jwks.json", "/favicon.ico", "/sso/start",
        ]
        for path in own + ["/authz/nginx", "/sso/assets/gateway.css", "/sso/callback?code=x", "/oauth2/auth"] {
            #expect(try ask(endpoint, path).status == .unauthorized, "\(path)")
        }
    }

    @Test(arguments: endpoints)
    func `RT-01 a peer that is not trusted gets no decision, whatever it says`(endpoint: String) throws {
        let stranger = PeerAddress.ip(try #require(IPAddress("192.0.2.1")))
        for target in ["/a", "/public/", "/admin/"] {
            let refusal = try #require(ProxyDialect.all.first { $0.endpoint == endpoint }).refusal
            #expect(try ask(endpoint, target, as: TestWorld.session(), peer: stranger).status == refusal)
        }
    }

    @Test(arguments: endpoints)
    func `RT-16 no cookie that is not ours opens anything`(endpoint: String) throws {
        var generator = SplitMix(state: 7)
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0..<60, using: &generator)).map { _ in
                String("=;, \"\\%abc019.-_\u{fffd}".randomElement(using: &generator) ?? "a")
            }.joined()
            let cookie = Bool.random(using: &generator) ? "__Host-sso_session=" + text : text
            #expect(try ask(endpoint, headers: ["Cookie": cookie]).status == .unauthorized, "\(cookie)")
            let open = try ask(endpoint, "/public/x", headers: ["Cookie": cookie])
            #expect(IdentityHeaders(.authRequest).names.allSatisfy { open.headers[$0] == "" })
        }
    }
}

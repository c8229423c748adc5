import HTTP
import JOSE
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway

@Suite struct RedirectPolicyTests {
    private let policy = RedirectPolicy(origins: [
        TestWorld.origin(), TestWorld.origin("https://docs.example.test:8443"),
    ])

    @Test(arguments: [
        "/", "/x", "/x?y=z#w", "/x/../y", "/%2f", "/a//b", "/.", "/x/../y/", "/x?y=//z/../w", "/x#//..",
        "https://app.example.test?x=//y", "https://app.example.test/x//y", "/@evil.test", "https://app.example.test",
        "https://app.example.test/", "https://app.example.test/a?b#c", "https://docs.example.test:8443/x",
        "https://app.example.test?x", "https://app.example.test#x",
    ])
    func `RT-41 follows what stays at home, byte for byte`(value: String) {
        #expect(policy.accept(value) == value)
    }

    @Test(arguments: [
        "", "x", "//evil.test", "///evil.test", "/\\evil.test", "\\/evil.test", "\\\\evil.test", "/\t/evil.test",
        "/\n/evil.test", "/\r\n/evil.test", "\t//evil.test", " /x", "/x\u{0}", "/\u{e9}", "javascript:alert(1)",
        "data:text/html,x", "https:evil.test", "https:/evil.test", "https://evil.test",
        "https://app.example.test.evil.test",
        "https://app.example.test@evil.test", "https://app.example.test:444/", "https://app.example.testx/",
        "http://app.example.test/", "HTTPS://app.example.test/", "https://APP.example.test/",
        "https://xapp.example.test/",
        "https://app.example.test\\@evil.test", "https://docs.example.test/", "https://docs.example.test:84430/",
        "https://user@app.example.test/", "?x", "#x", "//app.example.test/",
        "https://app.example.test//evil.test", "/..//evil.test", "/.//evil.test", "/x/..//evil.test",
        "/%2e%2E//evil.test", "https://app.example.test/..//evil.test", "/a/b/../..//evil.test",
        "https://docs.example.test:8443//evil.test",
    ])
    func `RT-29 RT-30 RT-31 RT-32 refuses what leads away, or may`(value: String) {
        #expect(policy.accept(value) == nil)
    }

    @Test func `refuses a value that is too long`() {
        #expect(policy.accept("/" + String(repeating: "a", count: 2047)) != nil)
        #expect(policy.accept("/" + String(repeating: "a", count: 2048)) == nil)
    }

    /// 2,209 published values, labelled by what a browser's own parser makes of them.
    @Test(.enabled(if: Vectors.isThere, "GATEWAY_VECTORS is not set: the published redirect values are skipped"))
    func `RT-29 RT-33 RT-39 no published value leaves the origin`() throws {
        let own = RedirectPolicy(origins: [TestWorld.origin("https://app.example.test")])
        let lines = try Vectors.lines("redirects/redirects.jsonl")
        var accepted = 0
        for line in lines {
            let row = try JSONObject(parsing: Array(line.utf8))
            guard let value = row["value"]?.text?.string, let label = row["label"]?.text?.string else {
                Issue.record("a row without value or label: \(line)")
                continue
            }
            guard own.accept(value) != nil else { continue }
            accepted += 1
            #expect(label == "onsite", "\(value) was accepted and is \(label)")
        }
        #expect(lines.count > 2_000)
        #expect(accepted > 0)
    }
}

@Suite struct DeepLinkTests {
    private let routes = DeepLinkRoutes(
        default: TestWorld.template("/dashboard"), product: TestWorld.template("/p/{product_id}"),
        resource: TestWorld.template("/r/{resource_id}"),
        project: TestWorld.template("/r/{resource_id}/p/{project_id}"),
        check: TestWorld.template("/c/{check_id}"), invoice: TestWorld.template("/i/{invoice_id}"),
        path: [
            "billing": TestWorld.template("/billing"), "support": TestWorld.template("/support"),
            "secrets": TestWorld.template("/r/{resource_id}/secrets"),
        ])
    private let policy = RedirectPolicy(origins: [TestWorld.origin()])

    @Test(
        arguments: [
            ([:], "/dashboard", 0),
            (["resource_id": "db1"], "/r/db1", 0),
            (["resource_id": "db1", "project_id": "prj_1"], "/r/db1/p/prj_1", 0),
            (["project_id": "prj_1"], "/dashboard", 0),
            (["resource_id": "db1", "project_id": "prj_1", "check_id": "chk_1"], "/c/chk_1", 0),
            (["invoice_id": "inv_1", "check_id": "chk_1"], "/i/inv_1", 0),
            (["path": "billing"], "/billing", 0), (["path": "billing", "resource_id": "db1"], "/billing", 0),
            (["path": "secrets", "resource_id": "db1"], "/r/db1/secrets", 0), (["path": "secrets"], "/dashboard", 0),
            (["path": "unheard-of"], "/dashboard", 1), (["path": "unheard-of", "resource_id": "db1"], "/r/db1", 1),
            (["support": "true"], "/support", 0), (["support": "yes"], "/dashboard", 1),
            (["experimentation_item_id": "x"], "/dashboard", 0), (["product_id": "p1"], "/p/p1", 0),
            (["url": "/own"], "/own", 0), (["url": "/own", "invoice_id": "i"], "/own", 0),
            (["url": "https://app.example.test/x"], "https://app.example.test/x", 0),
            (["url": "//evil.test", "invoice_id": "i"], "/i/i", 1), (["pr": "https://evil.test"], "/dashboard", 0),
        ] as [([String: String], String, Int)])
    func `the most specific match wins`(parameters: [String: String], location: String, ignored: Int) {
        let target = routes.target(of: DeepLink(parameters), policy: policy)
        #expect(target.location == location && target.ignored == ignored)
    }

    @Test(arguments: [
        "", ".", "..", "...", " ", ".. ", ". .", "../../x", "a/b", "a%2fb", "a?b", "a#b", "a\"b", "a'b", "<x>", "a\\b",
        "//evil.test", "a\u{7f}", "a\tb", "a\u{85}", "\u{9f}", String(repeating: "a", count: 257),
        String(repeating: "é", count: 129),
    ])
    func `RT-40 an identifier outside its class opens nothing`(value: String) {
        let target = routes.target(of: DeepLink(["resource_id": value]), policy: policy)
        #expect(target.location == "/dashboard" && target.ignored == 1)
    }

    @Test(
        arguments: [
            ("a b", "a%20b"), ("é", "%C3%A9"), ("山田 1", "%E5%B1%B1%E7%94%B0%201"), ("a&b=c;d+e", "a%26b%3Dc%3Bd%2Be"),
            ("..a", "..a"), ("\u{202e}x", "%E2%80%AEx"), ("／", "%EF%BC%8F"),
            (String(repeating: "é", count: 128), String(repeating: "%C3%A9", count: 128)),
        ])
    func `RT-117: a value beyond ASCII or with a blank fills its place percent-encoded`(value: String, segment: String)
    {
        let target = routes.target(of: DeepLink(["resource_id": value]), policy: policy)
        #expect(target.location == "/r/" + segment && target.ignored == 0)
    }

    @Test(
        arguments: [
            ("dashboard", .notAPath), ("//x", .notAPath), ("https://x.test", .notAPath), ("/a b", .notAPath),
            ("/\\x", .notAPath),
            ("/{resource_id", .unbalancedBrace), ("/resource_id}", .unbalancedBrace),
            ("/{a{b}}", .unknownParameter("a{b")),
            ("/{}", .unknownParameter("")), ("/{url}", .unknownParameter("url")),
        ] as [(String, RouteTemplate.Refusal)])
    func `refuses a template that is none`(text: String, refusal: RouteTemplate.Refusal) {
        #expect(throws: refusal) { try RouteTemplate(text) }
    }
}

@Suite struct `Targets that begin or finish a login` {
    private let policy = RedirectPolicy(
        origins: [TestWorld.origin()], except: ["/sso/oidc", "/sso/oidc/callback"])

    @Test(arguments: [
        "/sso/oidc", "/sso/oidc/", "/sso/oidc?iss=x", "/sso/oidc/callback?state=1", "/sso/oidc#x", "/sso/%6fidc",
        "/sso%2Foidc", "https://app.example.test/sso/oidc?iss=x", "https://app.example.test/sso/oidc/callback/",
    ])
    func `are refused`(_ target: String) { #expect(policy.accept(target) == nil) }

    @Test(arguments: ["/sso/oidcx", "/sso/oidc/other", "/app?next=/sso/oidc", "/", "https://app.example.test"])
    func `do not include others`(_ target: String) { #expect(policy.accept(target) == target) }
}

@Suite struct LoginRequestTests {
    private func read(_ query: String?) throws -> LoginRequest {
        try LoginRequest(query.map { SecretBytes($0) })
    }

    @Test func `reads what the marketplace sends and ignores unknown parameters`() throws {
        let login = try read("mode=sso&code=abc&state=x%2By&resource_id=db1&utm=1&utm=2&path=billing")
        #expect(
            login.code.exposedText?.string == "abc" && login.state?.exposedText?.string == "x+y" && login.flow == nil)
        #expect(login.deepLink.identifiers == ["resource_id": "db1"] && login.deepLink.path == "billing")
    }

    @Test(arguments: ["code=a", "code=a&mode=sso", "code=a&resource_id=", "code=a&error=x"])
    func `tolerates what older senders leave out`(query: String) throws {
        #expect(try read(query).state == nil)
    }

    @Test(
        arguments: [
            (nil, "code_missing"), ("", "code_missing"), ("&", "code_missing"), ("mode=sso", "code_missing"),
            ("code=", "empty_code"), ("code=a&state=", "empty_state"), ("mode=&code=a", "mode"),
            ("mode=oidc&code=a", "mode"),
            ("error=access_denied", "provider_error"), ("code=a&code=a", "doubled_code"),
            ("code=a&state=1&state=2", "doubled_state"),
            ("code=a&url=/x&url=/y", "doubled_url"), ("code=a&mode=sso&mode=sso", "doubled_mode"),
            ("code=a&resource_id=1&resource_id=2", "doubled_resource_id"), ("code=%", "percent_encoding"),
            ("code=%ff", "not_utf8"),
            ("code=%00", "control_byte"), ("code=a&x=%0d%0a", "control_byte"),
            ("code=" + String(repeating: "a", count: 4097), "too_long_code"),
            ("code=a&state=" + String(repeating: "a", count: 8193), "too_long_state"),
            ("code=a&pr=" + String(repeating: "a", count: 2049) + "&pr=1", "doubled_pr"),
            ((0..<65).map { "a\($0)=1" }.joined(separator: "&"), "too_many_parameters"),
        ] as [(String?, String)])
    func `RT-75 RT-82 refuses every parameter that is missing, empty, doubled, damaged or too long`(
        query: String?, reason: String
    ) {
        do {
            _ = try read(query)
            Issue.record("was accepted")
        } catch let refusal as LoginRequest.Refusal {
            #expect(refusal.reason == reason)
        } catch {
            Issue.record("\(error)")
        }
    }
}

import Gateway
import TestSupport
import Testing

@testable import sso_gateway

@Suite struct ExplainTests {
    private static let rules = """
          - { host: api.example.test, allow: anyone }
          - { path: /forms/, methods: [POST], roles: [ADMIN] }
          - { path: /forms/, allow: anyone }
        """

    private static func explain(_ method: String, _ url: String, cookie: String? = nil, rules: String = rules) throws
        -> [String]
    {
        let folder = try TemporaryFolder()
        let ring = folder.path("keys.json")
        try KeyRingOnDisk.create(ring, now: 0)
        let path = try folder.write(
            "gateway.yaml",
            """
            public_url: https://app.example.test
            key_ring: \(ring)
            integrations:
              live: { client_id: oac_Test, client_secret: s, slug: acme, routes: { default: /dashboard } }
            rules:
            \(rules)
            """)
        let configuration = try ReadConfiguration(path: path, environment: [:]).read()
        let explanation = try ExplainDecision(
            settings: configuration.gateway, keyRing: configuration.keyRing,
            access: LiveStore(
                configuration.store.open(), lifetimes: configuration.gateway.session, Observability(clock: .system))
        ).explain(method: method, url: url, cookie: cookie, now: 0)
        let report = ExplainReport(explanation: explanation, rules: configuration.gateway.rules)
        return report.text(Terminal()).split(separator: "\n").map(String.init)
    }

    @Test func `names the deciding row and why the earlier ones do not decide`() throws {
        #expect(
            try Self.explain("GET", "/forms/%31?x=/y") == [
                "request    GET app.example.test /forms/1", "member     no session",
                "rule 1     { host: api.example.test, allow: anyone }: no, the host is app.example.test",
                "rule 2     { path: /forms/, methods: [POST], roles: [ADMIN] }: no, the method is GET",
                "rule 3     { path: /forms/, allow: anyone }: decides", "answer     allowed (200)",
            ])
        #expect(
            try Self.explain("POST", "/forms/1").last
                == "answer     not signed in (a browser: 302, or 401 behind nginx; a program: 401)")
        #expect(
            try Self.explain("GET", "http://API.example.test.:80").contains {
                $0.hasPrefix("rule 1") && $0.hasSuffix("decides")
            })
    }

    @Test func `the default decides where no row does`() throws {
        let lines = try Self.explain("GET", "/x", cookie: "nonsense")
        #expect(
            lines.contains("rule 3     { path: /forms/, allow: anyone }: no, the path is neither that nor below it"))
        #expect(lines.contains("default    { default: allow }: decides"))
    }

    @Test func `RT-109: says under which reading of the path a row decides`() throws {
        let rules = """
              - { path: /help/admin/, roles: [ADMIN] }
              - { path: /help/, allow: anyone }
            """
        let lines = try Self.explain("GET", "/help//ADMIN/1", rules: rules)
        #expect(
            lines.suffix(3) == [
                "rule 1     { path: /help/admin/, roles: [ADMIN] }: decides",
                "reading    // as one slash, in lower case",
                "answer     not signed in (a browser: 302, or 401 behind nginx; a program: 401)",
            ])
    }

    @Test(arguments: ["/forms/../x", "/forms/%2e%2e", "https://app.example.test/%5c", "x", "https://evil.test/forms/"])
    func `RT-99: a request that leads elsewhere meets no row`(url: String) {
        #expect(throws: OriginalRequest.Refusal.self) { try Self.explain("GET", url) }
    }
}

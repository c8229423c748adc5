import TestSupport
import Testing

@testable import sso_gateway

/// A configuration with problems: each one is named, with its line and key.
@Suite struct ConfigurationProblemTests {
    @Test func `refuses one path as webhook and as callback`() throws {
        let found = try ConfigurationFile.problems {
            $0.replacing("    slug: acme\n", with: "    slug: acme\n    webhook_path: /sso/callback\n")
        }
        #expect(found.count == 1 && found[0].contains("webhook_path"), "\(found)")
    }

    @Test(arguments: [
        ("listen: 127.0.0.1:4200\nadmin_listen: 127.0.0.1:4200", "admin_listen: is the address of `listen`"),
        ("listen: 127.0.0.1:4200\nadmin_listen: localhost:4200", "admin_listen: is the address of `listen`"),
        ("listen: 0.0.0.0:4200\nadmin_listen: 127.0.0.1:4200", "admin_listen: is the address of `listen`"),
        ("listen: unix:/tmp/s\nadmin_listen: unix:/tmp/s", "admin_listen: is the address of `listen`"),
        ("trusted_proxies: [0.0.0.0/0]", "trusted_proxies: must be addresses or CIDR blocks, not all there are"),
        ("trusted_proxies: [\"::/0\"]", "trusted_proxies: must be addresses or CIDR blocks, not all there are"),
        ("ca_file: /dev/null", "ca_file: must be a readable PEM file with a certificate"),
        (
            "outbound: { proxy: \"socks5://proxy.test:1080\" }",
            "outbound.proxy: must be `http://`, `https://` or `socks5h://`"
        ),
        ("outbound: { proxy: \"http://proxy.test\" }", "outbound.proxy: must be"),
        ("outbound: { proxy: \"http://proxy.test:0\" }", "outbound.proxy: must be"),
        ("outbound: { proxy: \"http://proxy.test:3128/\" }", "outbound.proxy: must be"),
        (
            "outbound: { proxy: \"http://me:pw@proxy.test:3128\" }",
            "without a user name and password, not `http://…@proxy.test"
        ),
        ("log: { decisions: 1/0 }", "log.decisions: must be `none`, `all` or a share"),
        ("log: { decisions: 2/3 }", "log.decisions: must be"),
        ("log: { decisions: 1/1000001 }", "log.decisions: must be"),
        ("log: { decisions: 1/010 }", "log.decisions: must be"),
        ("log: { decision: all }", "did you mean `decisions`?"),
        ("outbound: { proxi: \"http://proxy.test:3128\" }", "did you mean `proxy`?"),
        (
            "outbound: { proxy: \"http://proxy.test:3128\", proxy_credentials_file: /nonexistent }",
            "outbound.proxy_credentials_file: cannot read /nonexistent"
        ),
    ])
    func `refuses what serve could not start with`(_ settings: String, problem: String) throws {
        let found = try ConfigurationFile.problems { $0 + settings + "\n" }
        #expect(found.count == 1 && found[0].contains(problem), "\(found)")
    }

    @Test(arguments: [
        "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0", "listen: \"[::1]:4200\"\nadmin_listen: 127.0.0.1:4200",
    ])
    func `accepts two listeners with different addresses`(_ settings: String) throws {
        #expect(try ConfigurationFile.problems { $0 + settings + "\n" } == [])
    }

    @Test(arguments: [
        ("lsiten: 127.0.0.1:1", "listen"), ("listn: 127.0.0.1:1", "listen"), ("keyring: x", "key_ring"),
        ("session: { idel: 1m }", "idle"), ("Rules: []", "rules"), ("colour: red", nil), ("db: x", nil),
    ])
    func `suggests the key that was probably meant`(_ line: String, meant: String?) throws {
        let found = try ConfigurationFile.problems { $0 + line + "\n" }
        let hint = meant.map { "; did you mean `\($0)`?" } ?? "is not a key that this version knows"
        #expect(found.count == 1 && found[0].hasSuffix(hint), "\(found)")
    }

    /// An e-mail address can be written in two ways.
    @Test(arguments: ["emails: [a@good.example]", "email: a@good.example", "domains: [good.example]"])
    func `RT-64: no rule can allow an e-mail address`(_ rule: String) throws {
        let found = try ConfigurationFile.problems { $0 + "rules: [{ path: /, \(rule) }]\n" }
        #expect(found.contains { $0.contains("is not a key that this version knows") }, "\(found)")
    }

    @Test func `names all problems, in the order of the lines`() throws {
        let found = try ConfigurationFile.problems { text in
            text.replacing("public_url: https://app.example.test", with: "public_url: http://app.example.test")
                .replacing("    slug: acme\n", with: "    slug: a b\n    colour: red\n")
                .replacing(
                    "routes: { default: /dashboard }", with: "routes: { default: \"//x\", resource: \"/r/{unknown}\" }")
                + "session: { idle: 15, absolute: 8h }\nlisten: nowhere\nlogin: { confirm: maybe }\n"
        }
        #expect(found.count == 8)
        let lines = found.compactMap { Int($0.prefix { $0 != " " }) }
        #expect(lines == lines.sorted() && lines.allSatisfy { $0 > 0 })
        for key in [
            "public_url", "integrations.live.slug", "integrations.live.colour", "integrations.live.routes.default",
            "integrations.live.routes.resource", "session.idle", "listen", "login.confirm",
        ] {
            #expect(found.contains { $0.contains(" \(key): ") }, "\(key) is not named in \(found)")
        }
    }

    @Test(arguments: [
        ("public_url: https://app.example.test\n", "", "public_url"),
        ("public_url: https://app.example.test", "public_url: https://app.example.test/path", "public_url"),
        ("public_url: https://app.example.test", "public_url: HTTPS://app.example.test", "public_url"),
        ("    client_id: oac_Test\n", "", "integrations.live.client_id"),
        ("    client_secret: ${SECRET}\n", "", "integrations.live.client_secret"),
        ("${SECRET}", "${UNSET}", "integrations.live.client_secret"),
        ("${SECRET}", "\"two words\"", "integrations.live.client_secret"),
        ("    slug: acme\n", "", "integrations.live.slug"),
        ("    routes: { default: /dashboard }\n", "", "integrations.live.routes.default"),
        ("default: /dashboard", "default: \"/r/{resource_id}\"", "integrations.live.routes.default"),
        ("    slug: acme\n", "    slug: acme\n    slug: other\n", ""),
        ("    slug: acme\n", "    slug: acme\n    callback_path: /sso/../x\n", "integrations.live.callback_path"),
        ("    slug: acme\n", "    slug: acme\n    api_url: http://api.example.test\n", "integrations.live.api_url"),
        ("    slug: acme\n", "    slug: acme\n    webhook_path: /sso//webhook\n", "integrations.live.webhook_path"),
        ("    slug: acme\n", "    slug: acme\n    webhook_path: /sso/session\n", "integrations.live.webhook_path"),
        ("    slug: acme\n", "    slug: acme\n    callback_path: /authz/envoy\n", "integrations.live.callback_path"),
        (
            "    slug: acme\n", "    slug: acme\n    callback_path: /v1/installations/a\n",
            "integrations.live.callback_path"
        ),
        ("    slug: acme\n", "    slug: acme\n    oidc_path: sso/oidc\n", "integrations.live.oidc_path"),
        ("    slug: acme\n", "    slug: acme\n    oidc_path: /sso/oidc/\n", "integrations.live.oidc_path"),
        ("    slug: acme\n", "    slug: acme\n    oidc_path: true\n", "integrations.live.oidc_path"),
        ("    slug: acme\n", "    slug: acme\n    oidc_path: /sso/session\n", "integrations.live.oidc_path"),
        ("    slug: acme\n", "    slug: acme\n    oidc_path: /sso/callback\n", "integrations.live.oidc_path"),
        ("    slug: acme\n", "    slug: acme\n    oidc_path: /sso/webhook\n", "integrations.live.oidc_path"),
        // Its callback is `callback_path`.
        ("    slug: acme\n", "    slug: acme\n    oidc_path: /sso\n", "integrations.live.oidc_path"),
        ("    slug: acme\n", "    slug: acme\n    origins: [https://a.test/]\n", "integrations.live.origins"),
        (
            "    slug: acme\n", "    slug: acme\n    client_secret_file: /dev/null\n",
            "integrations.live.client_secret_file"
        ),
        (
            "    slug: acme\n", "    slug: acme\n    installation_token: { source: vault }\n",
            "integrations.live.installation_token.source"
        ),
        (
            "    slug: acme\n", "    slug: acme\n    installation_token: { source: store, tokens: { icfg_1: t } }\n",
            "integrations.live.installation_token.tokens"
        ),
        (
            "    slug: acme\n", "    slug: acme\n    installation_token: { source: static }\n",
            "integrations.live.installation_token.tokens"
        ),
        (
            "    slug: acme\n", "    slug: acme\n    installation_token: { source: file }\n",
            "integrations.live.installation_token.path"
        ),
        (
            "    slug: acme\n",
            "    slug: acme\n    installation_token: { source: file, path: /nowhere/tokens.json }\n",
            "integrations.live.installation_token.path"
        ),
        (
            "    slug: acme\n", "    slug: acme\n    installation_token: { source: client_credentials }\n",
            "integrations.live.installation_token.token_url"
        ),
        (
            "    slug: acme\n",
            "    slug: acme\n    installation_token: { source: client_credentials, token_url: http://api.example.test/t }\n",
            "integrations.live.installation_token.token_url"
        ),
        (
            "    slug: acme\n",
            "    slug: acme\n    installation_token: { source: client_credentials, token_url: https://api.example.test/t, parameters: { client_secret: s } }\n",
            "integrations.live.installation_token.parameters.client_secret"
        ),
        ("key_ring:", "store: sqlite:gateway.db\nkey_ring:", "store"),
        ("key_ring:", "admin_listen: 0.0.0.0:4181\nkey_ring:", "admin_listen"),
        ("key_ring:", "trusted_proxies: [10.0.0.1/8]\nkey_ring:", "trusted_proxies"),
        ("key_ring:", "rules: [{ path: /a }]\nkey_ring:", "rules[1].roles"),
        ("key_ring:", "rules: [{ path: /a/../b, allow: anyone }]\nkey_ring:", "rules[1].path"),
        ("key_ring:", "rules: [{ roles: [OWNER] }]\nkey_ring:", "rules[1].roles"),
        ("key_ring:", "rules: [{ path: /a;b, allow: anyone }]\nkey_ring:", "rules[1].path"),
        ("key_ring:", "rules: [{ app: a b, allow: anyone }]\nkey_ring:", "rules[1].app"),
        ("key_ring:", "rules: [{ methods: [], allow: anyone }]\nkey_ring:", "rules[1].methods"),
        ("key_ring:", "rules: [{ path: /a, allow: anyone }, { path: /a/b, roles: [ADMIN] }]\nkey_ring:", "rules[2]"),
        ("key_ring:", "session: { idle: 9h }\nkey_ring:", "session.idle"),
        ("key_ring:", "members: { refresh: 2h }\nkey_ring:", "members.refresh"),
        ("key_ring:", "event_loops: 0\nkey_ring:", "event_loops"),
    ])
    func `refuses an invalid or missing value, and names its key`(text: String, replacement: String, key: String) throws
    {
        let found = try ConfigurationFile.problems { $0.replacing(text, with: replacement) }
        #expect(!found.isEmpty)
        #expect(found.contains { $0.contains(" \(key): ") || key.isEmpty }, "\(found)")
    }

    @Test(arguments: [
        ("oidc_path: /sso/oidc", "oidc_path: /sso/oidc"), ("oidc_path: /sso/oidc", "oidc_path: /sso/oidc/callback"),
        ("oidc_path: /sso/oidc/callback", "oidc_path: /sso/oidc"), ("oidc_path: /x", "callback_path: /x"),
        ("oidc_path: /x", "callback_path: /x/callback"), ("oidc_path: /x", "webhook_path: /x/callback"),
        ("webhook_path: /x/callback", "oidc_path: /x"), ("callback_path: /x/callback", "oidc_path: /x"),
    ])
    func `two integrations do not share an address of standard logins`(first: String, second: String) throws {
        let found = try ConfigurationFile.problems { text in
            text.replacing("    slug: acme\n", with: "    slug: acme\n    \(first)\n") + """
                  sandbox:
                    client_id: oac_Sandbox
                    client_secret: s
                    slug: sandbox
                    \(second.hasPrefix("callback") ? "" : "callback_path: /sandbox/callback")
                    \(second.hasPrefix("webhook") ? "" : "webhook_path: /sandbox/webhook")
                    \(second)
                    routes: { default: /dashboard }

                """
        }
        #expect(
            found.count == 1 && found[0].contains("integrations.sandbox.oidc_path: with `/callback` below it"),
            "\(found)")
    }

    @Test func `names a missing section without a dot at its end`() throws {
        let folder = try TemporaryFolder()
        guard case .failure(let invalid) = ConfigurationFile.read(try folder.write("x.yaml", "listen: x\n")) else {
            Issue.record("the file was accepted")
            return
        }
        #expect(invalid.problems.map(\.key).sorted() == ["integrations", "key_ring", "listen", "public_url"])
    }

    @Test(arguments: ["", "- a\n- b\n", "a: [", "\u{0}", "%"])
    func `refuses a file that is no mapping`(content: String) throws {
        let folder = try TemporaryFolder()
        guard case .failure(let invalid) = ConfigurationFile.read(try folder.write("x.yaml", content)) else {
            Issue.record("the file was accepted")
            return
        }
        #expect(invalid.problems.count == 1)
    }
}

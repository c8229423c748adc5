import Gateway
import Glibc
import HTTP
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import sso_gateway

@Suite struct ConfigurationTests {
    /// The smallest configuration that works, with a key ring that is really there.
    private static func file(_ folder: TemporaryFolder, _ change: (String) -> String = { $0 }) throws -> String {
        let ring = folder.path("keys.json")
        if unsafe access(ring, F_OK) != 0 { try KeyRingOnDisk.create(ring, now: 0) }
        return try folder.write(
            "gateway.yaml",
            change(
                """
                public_url: https://app.example.test
                key_ring: \(ring)
                integrations:
                  live:
                    client_id: oac_Test
                    client_secret: ${SECRET}
                    slug: acme
                    routes: { default: /dashboard }

                """))
    }

    private static func read(_ path: String, environment: [String: String] = ["SECRET": "s3cret"]) -> Result<
        Configuration, InvalidConfiguration
    > {
        do throws(InvalidConfiguration) {
            return .success(try ReadConfiguration(path: path, environment: environment).read())
        } catch {
            return .failure(error)
        }
    }

    private static func mistakes(_ change: (String) -> String, environment: [String: String] = ["SECRET": "s3cret"])
        throws -> [String]
    {
        let folder = try TemporaryFolder()
        guard case .failure(let invalid) = read(try file(folder, change), environment: environment) else { return [] }
        return invalid.mistakes.map { "\($0.line) \($0.key): \($0.message)" }
    }

    @Test func `fills in every default`() throws {
        let folder = try TemporaryFolder()
        let configuration = try Self.read(try Self.file(folder)).get()
        #expect(configuration.listen == .tcp(host: "127.0.0.1", port: 4180))
        #expect(configuration.adminListen == .tcp(host: "127.0.0.1", port: 4181))
        #expect(configuration.gateway.session == SessionLifetimes(idle: 900, absolute: 28_800))
        #expect(configuration.gateway.confirm == .whenSwitching && configuration.gateway.headers == .authRequest)
        let integration = configuration.gateway.integrations[0]
        #expect(integration.name == "live" && integration.callbackPath == "/sso/callback")
        #expect(integration.issuer == "https://marketplace.vercel.com")
        #expect(integration.clientSecret.exposedText?.string == "s3cret")
        #expect(integration.unknownInstallations == .allow)
    }

    @Test func `one address is not two things`() throws {
        let found = try Self.mistakes {
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
    ])
    func `names what serve could not do`(_ settings: String, problem: String) throws {
        let found = try Self.mistakes { $0 + settings + "\n" }
        #expect(found.count == 1 && found[0].contains(problem), "\(found)")
    }

    @Test(arguments: [
        "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0", "listen: \"[::1]:4200\"\nadmin_listen: 127.0.0.1:4200",
    ])
    func `two listeners have an address each`(_ settings: String) throws {
        #expect(try Self.mistakes { $0 + settings + "\n" } == [])
    }

    @Test(arguments: [
        ("lsiten: 127.0.0.1:1", "listen"), ("listn: 127.0.0.1:1", "listen"), ("keyring: x", "key_ring"),
        ("session: { idel: 1m }", "idle"), ("Rules: []", "rules"), ("colour: red", nil), ("db: x", nil),
    ])
    func `says which key was probably meant`(_ line: String, meant: String?) throws {
        let found = try Self.mistakes { $0 + line + "\n" }
        let hint = meant.map { "; did you mean `\($0)`?" } ?? "is not a key that this version knows"
        #expect(found.count == 1 && found[0].hasSuffix(hint), "\(found)")
    }

    /// RT-64: there are no rules about e-mail addresses that could be written in two ways.
    @Test(arguments: ["emails: [a@good.example]", "email: a@good.example", "domains: [good.example]"])
    func `RT-64: nothing can be permitted to an e-mail address`(_ rule: String) throws {
        let found = try Self.mistakes { $0 + "rules: [{ path: /, \(rule) }]\n" }
        #expect(found.contains { $0.contains("is not a key that this version knows") }, "\(found)")
    }

    @Test func `names every mistake at once, in the order of the lines`() throws {
        let found = try Self.mistakes { text in
            text.replacing("public_url: https://app.example.test", with: "public_url: http://app.example.test")
                .replacing("    slug: acme\n", with: "    slug: a b\n    colour: red\n")
                .replacing(
                    "routes: { default: /dashboard }", with: "routes: { default: \"//x\", resource: \"/r/{nobody}\" }")
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
        ("${SECRET}", "${NOBODY}", "integrations.live.client_secret"),
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
    func `refuses what it does not understand, and says where`(text: String, replacement: String, key: String) throws {
        let found = try Self.mistakes { $0.replacing(text, with: replacement) }
        #expect(!found.isEmpty)
        #expect(found.contains { $0.contains(" \(key): ") || key.isEmpty }, "\(found)")
    }

    @Test(arguments: ["", "- a\n- b\n", "a: [", "\u{0}", "%"])
    func `refuses a file that is no mapping`(content: String) throws {
        let folder = try TemporaryFolder()
        guard case .failure(let invalid) = Self.read(try folder.write("x.yaml", content)) else {
            Issue.record("was accepted")
            return
        }
        #expect(invalid.mistakes.count == 1)
    }

    @Test func `takes a secret from a file, without its line end`() throws {
        let folder = try TemporaryFolder()
        let secret = try folder.write("secret", "from-a-file\n")
        let path = try Self.file(folder) {
            $0.replacing("client_secret: ${SECRET}", with: "client_secret_file: \(secret)")
        }
        let configuration = try Self.read(path).get()
        #expect(configuration.gateway.integrations[0].clientSecret.exposedText?.string == "from-a-file")
    }

    @Test func `RT-93 refuses a key ring that others can read, or that is none`() throws {
        let folder = try TemporaryFolder()
        let ring = folder.path("ring.json")
        try KeyRingOnDisk.create(ring, now: 0)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.create(ring, now: 0) }
        _ = try KeyRingOnDisk.load(ring)
        unsafe symlink(ring, folder.path("link"))
        _ = try KeyRingOnDisk.load(folder.path("link"))
        unsafe chmod(ring, 0o604)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.load(ring) }
        let other = try folder.write("other.json", "{\"keys\":[]}")
        unsafe chmod(other, 0o600)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.load(other) }
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.load(folder.path("absent")) }
    }

    @Test func `a changed key ring keeps its mode, and a change that fails leaves the old one`() throws {
        let folder = try TemporaryFolder()
        let ring = folder.path("ring.json")
        try KeyRingOnDisk.create(ring, now: 0)
        unsafe chmod(ring, 0o640)
        unsafe symlink(ring, folder.path("link"))
        let id = try KeyRingOnDisk.change(folder.path("link")) { $0.rotate(now: 10) }
        var status = stat()
        #expect(unsafe lstat(ring, &status) == 0 && status.st_mode & 0o7777 == 0o640)
        #expect(unsafe lstat(folder.path("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(try KeyRingOnDisk.load(ring).keys.map(\.id).first == id)
        let before = try ReadFile.bytes(ring)
        #expect(throws: KeyRingFile.RetirementRefusal.keyInUse) { try KeyRingOnDisk.change(ring) { try $0.retire(id) } }
        // Another change is under way; then it is cut off.
        try folder.write("ring.json.new", "half")
        let other = unsafe open(folder.path("ring.json.new"), O_WRONLY)
        #expect(flock(other, LOCK_EX) == 0)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.change(ring) { $0.rotate(now: 20) } }
        #expect(try ReadFile.bytes(ring).exposedBytes == before.exposedBytes)
        close(other)
        let third = try KeyRingOnDisk.change(ring) { $0.rotate(now: 20) }
        #expect(try KeyRingOnDisk.load(ring).keys.map(\.id).first == third)
        #expect(unsafe access(folder.path("ring.json.new"), F_OK) != 0)
    }

    @Test func `prints the effective configuration without a secret, and reads it back`() throws {
        let folder = try TemporaryFolder()
        let configuration = try Self.read(
            try Self.file(folder) { text in
                text.replacing(
                    "slug: acme",
                    with: "slug: acme\n    installation_token: { source: static, tokens: { icfg_1: t0ken } }")
                    + "rules:\n  - { path: /admin/, roles: [ADMIN] }\n"
            }
        ).get()
        let text = EffectiveConfiguration.text(configuration)
        #expect(!text.contains("s3cret") && !text.contains("t0ken"))
        #expect(text.contains("client_secret: (6 bytes)") && text.contains("icfg_1: (5 bytes)"))
        #expect(text.contains("{ path: /admin/, roles: [ADMIN] }"))
    }
}

@Suite struct UnitsTests {
    @Test(arguments: [("1s", 1), ("15m", 900), ("8h", 28_800), ("7d", 604_800)])
    func `reads durations`(text: String, seconds: Int64) {
        #expect(Units.seconds(text) == seconds)
    }

    @Test(arguments: ["", "15", "m", "-1m", "1.5h", "1 m", "0s", "1M", "9999999s", "1h30m"])
    func `refuses what is no duration`(text: String) {
        #expect(Units.seconds(text) == nil)
    }
}

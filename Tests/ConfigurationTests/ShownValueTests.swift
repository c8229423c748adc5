import HTTP
import TestSupport
import Testing

@testable import sso_gateway

/// RT-108: what a message about a configuration shows of its values.
@Suite struct ShownValueTests {
    private static let secret = "canary-s3cret"

    /// What `check` says about a configuration with these lines, `${SECRET}` being the secret.
    private static func messages(integration: String = "", top: String = "") throws -> [String] {
        let folder = try TemporaryFolder()
        try KeyRingOnDisk.create(folder.path("keys.json"), now: 0)
        let path = try folder.write(
            "gateway.yaml",
            """
            public_url: https://app.example.test
            key_ring: \(folder.path("keys.json"))
            \(top)
            integrations:
              live:
                client_id: oac_Test
                client_secret: s
                slug: acme
                routes: { default: /dashboard }
                \(integration)

            """)
        do throws(InvalidConfiguration) {
            _ = try ReadConfiguration(path: path, environment: ["SECRET": secret]).read()
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test(arguments: [
        "issuer", "jwks_url", "api_url", "sso_url", "installations: { hook_url", "installation_token: { token_url",
    ])
    func `RT-108: a URL with credentials is an error that does not show them`(_ key: String) throws {
        let end = key.contains("{") ? " }" : ""
        for value in [
            "https://user:\(Self.secret)@api.example.test", "https://\(Self.secret)@api.example.test/v1",
            "https://user:${SECRET}@api.example.test", "https://user:a/\(Self.secret)@api.example.test",
            "https://user:a@\(Self.secret)@api.example.test", "https://us%65r:\(Self.secret)@api.example.test:8443",
            "HTTPS://user:\(Self.secret)@api.example.test", "user:\(Self.secret)@api.example.test",
        ] {
            let found = try Self.messages(integration: "\(key): \"\(value)\"\(end)")
            #expect(found.contains { $0.contains("api.example.test") }, "\(value): \(found)")
            #expect(!found.contains { $0.contains(Self.secret) }, "\(value): \(found)")
            let isAddress = value.contains("://")
            #expect(!isAddress || found.contains { $0.contains("without a user name and password") }, "\(found)")
        }
    }

    /// A variable may hold a secret that was meant for another key.
    @Test(arguments: [
        "listen: \"${SECRET} x\"", "admin_listen: \"${SECRET} x\"", "store: ${SECRET}",
        "trusted_proxies: [\"${SECRET}\"]",
        "headers: ${SECRET}", "ca_file: /none/${SECRET}", "event_loops: ${SECRET}", "default: ${SECRET}",
        "shutdown_timeout: ${SECRET}", "admin_token_file: ${SECRET}", "session: { idle: \"${SECRET}\" }",
        "rules: [{ path: \"${SECRET}\", allow: anyone }]", "rules: [{ path: /x, roles: [\"${SECRET}\"] }]",
    ])
    func `RT-108: a value from the environment is shown by its variable's name`(_ line: String) throws {
        let found = try Self.messages(top: line)
        #expect(found.contains { $0.contains("${SECRET}") }, "\(found)")
        #expect(!found.contains { $0.contains(Self.secret) }, "\(found)")
    }

    @Test(arguments: [
        "callback_path: ${SECRET}", "webhook_path: /sso/callback/${SECRET}/", "previous_client_secret: \"${SECRET} x\"",
        "previous_client_secret_file: /none/${SECRET}", "origins: [\"${SECRET}\"]", "algorithms: [\"${SECRET}\"]",
        "installation_token: { source: ${SECRET} }", "installation_token: { source: file, path: /none/${SECRET} }",
        "installation_token: { source: static, tokens: { icfg_1: \"${SECRET} x\" } }",
        "installation_token: { source: static, tokens: { icfg_1: \"canary-s3cret x\" } }",
        "installations: { unknown: \"${SECRET}\" }",
    ])
    func `RT-108: no message about an integration shows a secret`(_ line: String) throws {
        let found = try Self.messages(integration: line)
        #expect(!found.isEmpty && !found.contains { $0.contains(Self.secret) }, "\(found)")
    }

    @Test func `RT-108: a place of a route is named as it stands in the file`() throws {
        let found = try Self.messages(integration: "clock_skew: 1h").joined()
        #expect(found.contains("not `1h`"))
        let folder = try TemporaryFolder()
        let path = try folder.write("gateway.yaml", "integrations: { a: { routes: { default: \"/{${SECRET}}\" } } }\n")
        do throws(InvalidConfiguration) {
            _ = try ReadConfiguration(path: path, environment: ["SECRET": Self.secret]).read()
            Issue.record("it is accepted")
        } catch { #expect(!error.problems.contains { $0.description.contains(Self.secret) }) }
    }

    /// The parser's own message quotes the line.
    @Test func `RT-108: a file that is no YAML is not quoted`() throws {
        for line in ["client_secret: canary-s3cret\u{1}", "client_secret: \"canary-s3cret", "[canary-s3cret: {"] {
            let found = try Self.messages(top: line)
            #expect(!found.isEmpty && !found.contains { $0.contains(Self.secret) }, "\(found)")
        }
    }
}

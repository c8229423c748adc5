import Gateway
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import sso_gateway

@Suite struct ConfigurationTests {
    @Test func `fills in every default`() throws {
        let folder = try TemporaryFolder()
        let configuration = try ConfigurationFile.read(try ConfigurationFile.write(folder)).get()
        #expect(configuration.listen == .tcp(host: "127.0.0.1", port: 4180))
        #expect(configuration.adminListen == .tcp(host: "127.0.0.1", port: 4181))
        #expect(configuration.gateway.session == SessionLifetimes(idle: 900, absolute: 28_800))
        #expect(configuration.gateway.login == LoginSettings() && configuration.gateway.headers == .authRequest)
        let integration = configuration.gateway.integrations[0]
        #expect(integration.name == "live" && integration.callbackPath == "/sso/callback")
        #expect(integration.issuer == "https://marketplace.vercel.com")
        #expect(integration.clientSecret.exposedText?.string == "s3cret")
        #expect(integration.unknownInstallations == .allow && integration.oidcPath == nil)
        #expect(!EffectiveConfiguration.text(configuration).contains("oidc"))
    }

    @Test func `one line turns standard logins on`() throws {
        let folder = try TemporaryFolder()
        let path = try ConfigurationFile.write(folder) {
            $0.replacing("slug: acme", with: "slug: acme\n    oidc_path: /login/vercel")
        }
        let configuration = try ConfigurationFile.read(path).get()
        #expect(configuration.gateway.integrations[0].oidcCallbackPath == "/login/vercel/callback")
        #expect(EffectiveConfiguration.text(configuration).contains("\n    oidc_path: /login/vercel\n"))
    }

    @Test(arguments: [
        ("", "none"), ("log: {}\n", "none"), ("log: { decisions: none }\n", "none"),
        ("log: { decisions: all }\n", "all"),
        ("log: { decisions: 1/1 }\n", "all"), ("log: { decisions: 1/1000000 }\n", "1/1000000"),
    ])
    func `shows which decisions are logged`(_ line: String, _ shown: String) throws {
        let folder = try TemporaryFolder()
        let configuration = try ConfigurationFile.read(try ConfigurationFile.write(folder) { $0 + line }).get()
        #expect(EffectiveConfiguration.text(configuration).contains("\nlog: { decisions: \(shown) }\n"))
    }

    @Test func `takes a secret from a file, without its line end`() throws {
        let folder = try TemporaryFolder()
        let secret = try folder.write("secret", "from-a-file\n")
        let path = try ConfigurationFile.write(folder) {
            $0.replacing("client_secret: ${SECRET}", with: "client_secret_file: \(secret)")
        }
        let configuration = try ConfigurationFile.read(path).get()
        #expect(configuration.gateway.integrations[0].clientSecret.exposedText?.string == "from-a-file")
    }

    @Test func `prints the effective configuration without a secret`() throws {
        let folder = try TemporaryFolder()
        let configuration = try ConfigurationFile.read(
            try ConfigurationFile.write(folder) { text in
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

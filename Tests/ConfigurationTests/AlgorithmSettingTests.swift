import Gateway
import JOSE
import TestSupport
import Testing

@testable import sso_gateway

@Suite struct AlgorithmSettingTests {
    /// The integration understood, or the problems.
    private static func read(_ lines: String, top: String = "") throws -> Result<
        IntegrationSettings, InvalidConfiguration
    > {
        let folder = try TemporaryFolder()
        let ring = folder.path("keys.json")
        try KeyRingOnDisk.create(ring, now: 0)
        let path = try folder.write(
            "gateway.yaml",
            """
            public_url: https://app.example.test
            key_ring: \(ring)
            \(top)
            integrations:
              live:
                client_id: oac_Test
                client_secret: secret
                slug: acme
                \(lines)
                routes: { default: /dashboard }

            """)
        do throws(InvalidConfiguration) {
            let configuration = try ReadConfiguration(path: path, environment: [:]).read()
            return .success(configuration.gateway.integrations[0])
        } catch {
            return .failure(error)
        }
    }

    private static func problems(_ lines: String, top: String = "") throws -> [String] {
        guard case .failure(let invalid) = try read(lines, top: top) else { return [] }
        return invalid.problems.map(\.key)
    }

    @Test func `is RS256 and a minute unless the file says otherwise`() throws {
        let integration = try Self.read("").get()
        #expect(integration.algorithms == [.rs256] && integration.clockSkew == 60)
        let all = SignatureAlgorithm.allCases.map(\.name).joined(separator: ", ")
        #expect(try Self.read("algorithms: [\(all)]").get().algorithms == Set(SignatureAlgorithm.allCases))
        #expect(try Self.read("algorithms: [ES256]").get().algorithms == [.es256])
    }

    @Test(arguments: [("0s", 0), ("1s", 1), ("5m", 300), ("300s", 300)] as [(String, Int64)])
    func `takes a skew from nothing to five minutes`(text: String, seconds: Int64) throws {
        #expect(try Self.read("clock_skew: \(text)").get().clockSkew == seconds)
    }

    @Test(arguments: ["301s", "6m", "-1s", "60", "1h", "\"\"", "none"])
    func `takes no other skew`(text: String) throws {
        #expect(try Self.problems("clock_skew: \(text)") == ["integrations.live.clock_skew"])
    }

    @Test(arguments: [
        "[]", "RS256", "[RS256, RS256]", "[none]", "[None]", "[HS256]", "[RS256, HS512]", "[rs256]", "[ES256K]",
        "[\"\"]",
        "[any]", "\"*\"", "{ RS256: true }", "null", "[Ed25519]", "[dir]",
    ])
    func `RT-67 RT-68 takes nothing but public-key signatures by their names`(value: String) throws {
        let problems = try Self.problems("algorithms: \(value)")
        #expect(Set(problems) == ["integrations.live.algorithms"])
    }

    @Test(arguments: [
        "accept_unsupported_alg: true", "verify_signature: false", "skip_signature: true", "allow_unsigned: true",
        "insecure: true", "allow_missing: true", "issuer: \"*\"", "issuer: \"\"",
    ])
    func `RT-68 RT-70 has no option that loosens a check`(line: String) throws {
        let key = line.prefix { $0 != ":" }
        #expect(try Self.problems(line) == ["integrations.live.\(key)"])
    }

    @Test(arguments: [
        "tls_verify: false", "insecure_skip_verify: true", "ssl_verify: no", "verify_certificates: false",
    ])
    func `RT-78 has no setting that disables certificate checks`(line: String) throws {
        let key = line.prefix { $0 != ":" }
        #expect(try Self.problems("", top: line) == [String(key)])
        #expect(try Self.problems(line) == ["integrations.live.\(key)"])
    }

    @Test(arguments: ["jwks_url", "api_url", "issuer", "sso_url"])
    func `RT-78 has no plain http beyond this machine`(key: String) throws {
        #expect(try Self.problems("\(key): http://marketplace.example.test") == ["integrations.live.\(key)"])
        #expect(try Self.problems("\(key): http://127.0.0.1:1") == [])
    }
}

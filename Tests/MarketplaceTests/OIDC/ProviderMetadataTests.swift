import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Marketplace

@Suite struct ProviderMetadataTests {
    static let issuer = "https://marketplace.example.test"
    static let document: [(name: UntrustedText, value: JSONValue)] = [
        ("issuer", .string(issuer)),
        ("authorization_endpoint", .string("https://example.test/oauth/authorize?tenant=1")),
        ("token_endpoint", .string("https://api.example.test:8443/token")),
        ("jwks_uri", .string("https://marketplace.example.test/keys")),
    ]

    private func read(
        _ changes: JSONObject = [:], without removed: [UntrustedText] = [], issuer: String = issuer
    ) throws -> ProviderMetadata {
        let names = changes.members.map(\.name) + removed
        let document = JSONObject(Self.document.filter { !names.contains($0.name) } + changes.members)
        return try ProviderMetadata(parsing: SecretBytes(document.encoded), issuer: issuer)
    }

    @Test func `endpoints may be on other hosts, and nothing else is required`() throws {
        let metadata = try read()
        #expect(metadata.authorizationEndpoint == "https://example.test/oauth/authorize?tenant=1")
        #expect(metadata.tokenEndpoint == "https://api.example.test:8443/token")
        #expect(metadata.clientAuthentication == .basic && !metadata.answersNameIssuer)
    }

    @Test(arguments: [
        (["client_secret_basic", "client_secret_post"], "client_secret_post"),
        (["client_secret_basic"], "client_secret_basic"),
        (["private_key_jwt", "client_secret_post"], "client_secret_post"),
    ])
    func `the secret is sent as the issuer takes it`(offered: [String], chosen: String) throws {
        let list = JSONValue.array(offered.map { .string($0) })
        let metadata = try read(["token_endpoint_auth_methods_supported": list])
        #expect(metadata.clientAuthentication.rawValue == chosen)
    }

    @Test(arguments: [(JSONValue.bool(true), true), (.bool(false), false), (.string("true"), false), (.null, false)])
    func `only true promises the issuer in answers`(value: JSONValue, isPromised: Bool) throws {
        let metadata = try read(["authorization_response_iss_parameter_supported": value])
        #expect(metadata.answersNameIssuer == isPromised)
    }

    @Test(arguments: [
        "https://marketplace.example.test/", "https://marketplace.example.test.evil.test",
        "HTTPS://marketplace.example.test",
        "http://marketplace.example.test", "",
    ])
    func `the document of another issuer is refused`(_ issuer: String) {
        #expect(throws: ProviderMetadata.Refusal.issuer(presented: UntrustedText(issuer))) {
            try read(["issuer": .string(issuer)])
        }
    }

    static let badEndpoints = [
        "", "token", "//example.test/token", "http://api.example.test/token", "http://127.0.0.1/token",
        "https:///token", "https://user@example.test/token", "https://example.test/token#x",
        "https://example.test\\@evil.test/",
        "https://exa mple.test/", "https://example.test/t\u{e9}", "javascript:alert(1)", "ftp://example.test/",
        "HTTPS://example.test/token", "https://example.test/" + String(repeating: "a", count: 1024),
    ]

    @Test(arguments: badEndpoints, ["authorization_endpoint", "token_endpoint"])
    func `an endpoint that is no plain https address is refused`(_ endpoint: String, _ name: String) {
        #expect(throws: ProviderMetadata.Refusal.endpoint(name)) {
            try read([UntrustedText(name): .string(endpoint)])
        }
    }

    @Test func `what is missing is named`() {
        for name in ["authorization_endpoint", "token_endpoint"] {
            #expect(throws: ProviderMetadata.Refusal.endpoint(name)) { try read(without: [UntrustedText(name)]) }
        }
        #expect(throws: ProviderMetadata.Refusal.issuer(presented: nil)) { try read(without: ["issuer"]) }
        #expect(throws: ProviderMetadata.Refusal.clientAuthentication) {
            try read(["token_endpoint_auth_methods_supported": .array([.string("none")])])
        }
        for text in ["", "[]", "<html>", #"{"issuer":"a","issuer":"b"}"#] {
            #expect(throws: ProviderMetadata.Refusal.notJSON) {
                try ProviderMetadata(parsing: SecretBytes(text), issuer: Self.issuer)
            }
        }
    }

    @Test func `without TLS an issuer on this machine names endpoints at its own address only`() throws {
        let issuer = "http://127.0.0.1:9400"
        func read(_ endpoint: String) throws -> ProviderMetadata {
            try self.read(
                [
                    "issuer": .string(issuer), "authorization_endpoint": .string(endpoint),
                    "token_endpoint": .string(endpoint),
                ], issuer: issuer)
        }
        #expect(try read(issuer + "/token").tokenEndpoint == issuer + "/token")
        for other in ["http://127.0.0.1:94001/token", "http://127.0.0.1:9400@evil.test/", "http://evil.test/token"] {
            #expect(throws: ProviderMetadata.Refusal.endpoint("authorization_endpoint")) { try read(other) }
        }
    }
}

@Suite struct AuthorizationRequestTests {
    @Test func `the challenge is that of RFC 7636 appendix B`() throws {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let read = CodeVerifier(try #require(Base64URL.decode(verifier)))
        #expect(read.text.exposedText?.string == verifier)
        #expect(read.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func `every value is encoded, and the endpoint keeps its own query`() {
        let request = AuthorizationRequest(
            clientID: "oac_A&b", redirectURI: "https://app.example.test/cb", state: "s", nonce: "n",
            verifier: CodeVerifier([UInt8](repeating: 0, count: 32)), loginHint: "a b&c=d#\u{e9}")
        let url = request.url(at: "https://example.test/authorize?tenant=1")
        #expect(
            url.hasPrefix(
                "https://example.test/authorize?tenant=1&response_type=code&client_id=oac_A%26b&redirect_uri="))
        #expect(url.hasSuffix("&code_challenge_method=S256&login_hint=a%20b%26c%3Dd%23%C3%A9"))
    }
}

import HTTP
import JOSE
import OpenSSLCrypto
import Testing
import Untrusted

@testable import ProviderStandIn

/// The stand-in as an OpenID provider: what it asks of a partner.
@Suite struct `The stand-in's standard logins` {
    private static let login = "https://app.example.test/sso/oidc"
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    private static var world: StandInWorld {
        StandInWorld { settings in
            settings.integrations[0].oidcLoginURL = login
            settings.issuer = "http://localhost:4190"
        }
    }

    private static func parameters(_ world: StandInWorld, _ changes: [String: String?] = [:]) -> [String: String] {
        let usual: [String: String?] = [
            "response_type": "code", "client_id": world.integration.clientID, "redirect_uri": login + "/callback",
            "scope": "openid", "state": "s", "nonce": "n", "code_challenge_method": "S256",
            "code_challenge": Base64URL.encode(SHA256.hash(Array(verifier.utf8))),
        ]
        return usual.merging(changes) { $1 }.compactMapValues(\.self)
    }

    /// The parameters of the redirect; nil where the browser is not redirected.
    private static func authorize(
        _ world: StandInWorld, _ changes: [String: String?] = [:]
    ) async throws -> [String: String]? {
        let query = parameters(world, changes).map { "\($0.key)=\(PercentEncoding.encode($0.value))" }
        let response = try await world.get("/oauth/authorize?" + query.joined(separator: "&"))
        guard let location = response.headers["Location"] else {
            #expect(response.status == .badRequest)
            return nil
        }
        #expect(location.hasPrefix(login + "/callback?"))
        return answered(location)
    }

    private static func answered(_ url: String) -> [String: String] {
        let pairs = url.split(separator: "?", maxSplits: 1)[1].split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = (try? PercentEncoding.decode(Array(parts[1].utf8))) ?? []
            return (String(parts[0]), String(decoding: value, as: UTF8.self))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private static func exchange(
        _ world: StandInWorld, _ code: String, _ changes: [String: String?] = [:], _ headers: HTTPHeaders = [:]
    ) async throws -> HTTPResponse {
        let usual: [String: String?] = [
            "grant_type": "authorization_code", "code": code, "redirect_uri": login + "/callback",
            "code_verifier": verifier, "client_id": world.integration.clientID,
            "client_secret": world.integration.clientSecret,
        ]
        let fields = usual.merging(changes) { $1 }.compactMap { pair in pair.value.map { (pair.key, $0) } }
        return try await world.post("/oauth/token", form: fields, headers)
    }

    @Test func `a click leads to the partner, and from there back with a code and the deep link`() async throws {
        let world = Self.world
        let click = try await world.get(
            "/sso/integrations/acme?user=\(StandInWorld.ben)&resource_id=db_1&project_id=p&url=%2Fx%3Fa%3Db")
        let location = try #require(click.headers["Location"])
        #expect(location.hasPrefix(Self.login + "?"))
        let initiation = Self.answered(location)
        #expect(initiation["iss"] == "http://localhost:4190" && initiation["target_link_uri"] == "/x?a=b")
        let answer = try #require(try await Self.authorize(world, ["login_hint": initiation["login_hint"]]))
        #expect(answer["state"] == "s" && answer["iss"] == "http://localhost:4190")
        #expect(answer["v_deeplink"] == "resource_id=db_1&project_id=p")
        let token = try await Self.exchange(world, try #require(answer["code"])).json["id_token"]?.text?.string
        let parts = try #require(token).split(separator: ".")
        let claims = String(decoding: try #require(Base64URL.decode(String(parts[1]))), as: UTF8.self)
        #expect(claims.contains(StandInWorld.ben) && claims.contains(#""nonce":"n""#))
    }

    @Test(
        arguments: [
            ("code_challenge", nil, "invalid_request"), ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", nil, "invalid_request"), ("code_challenge_method", "plain", "invalid_request"),
            ("response_type", "id_token", "unsupported_response_type"), ("scope", "profile", "invalid_scope"),
            ("login_hint", "made-up", "access_denied"),
        ] as [(String, String?, String)])
    func `a request without PKCE, or with something else wrong, is answered with an error`(
        name: String, value: String?, error: String
    ) async throws {
        let answer = try #require(try await Self.authorize(Self.world, [name: value]))
        #expect(answer["error"] == error && answer["code"] == nil && answer["state"] == "s")
    }

    @Test(
        arguments: [
            ("redirect_uri", "https://evil.example/"), ("redirect_uri", nil), ("client_id", "oac_Other"),
            ("client_id", nil),
            ("redirect_uri", login + "/callback/"),
        ] as [(String, String?)])
    func `nobody is redirected to an address that is not registered`(name: String, value: String?) async throws {
        #expect(try await Self.authorize(Self.world, [name: value]) == nil)
    }

    @Test(
        arguments: [
            ("code_verifier", nil, 400), ("code_verifier", String(repeating: "a", count: 43), 400),
            ("redirect_uri", "https://app.example.test/other", 400), ("redirect_uri", nil, 400),
            ("client_secret", "wrong", 401), ("client_secret", nil, 401), ("client_id", "oac_Other", 401),
            ("grant_type", "refresh_token", 400), ("code", "made-up", 400),
        ] as [(String, String?, Int)])
    func `a code is exchanged only by its owner`(name: String, value: String?, status: Int) async throws {
        let world = Self.world
        let code = try #require(try await Self.authorize(world)?["code"])
        let refused = try await Self.exchange(world, code, [name: value])
        #expect(refused.status.rawValue == status && refused.json["id_token"] == nil)
        #expect(refused.json["error"]?.text != nil)
    }

    @Test func `a code is valid once and for its lifetime`() async throws {
        let world = Self.world
        let code = try #require(try await Self.authorize(world)?["code"])
        #expect(try await Self.exchange(world, code).status == .ok)
        #expect(try await Self.exchange(world, code).status == .badRequest)
        let late = try #require(try await Self.authorize(world)?["code"])
        world.advance(by: world.settings.codeLifetime)
        #expect(try await Self.exchange(world, late).status == .badRequest)
    }

    @Test func `the secret comes as Basic credentials or in the form, not in both`() async throws {
        let world = Self.world
        let pair = "\(world.integration.clientID):\(world.integration.clientSecret)"
        let letters = Base64URL.encode(Array(pair.utf8)).replacing("-", with: "+").replacing("_", with: "/")
        let basic: HTTPHeaders = ["Authorization": "Basic " + letters]
        let without: [String: String?] = ["client_id": nil, "client_secret": nil]
        for (changes, status) in [(without, HTTPStatus.ok), ([:], .unauthorized)] {
            let code = try #require(try await Self.authorize(world)?["code"])
            #expect(try await Self.exchange(world, code, changes, basic).status == status)
        }
    }

    @Test func `discovery names the endpoints and PKCE`() async throws {
        let body = try await Self.world.get("/.well-known/openid-configuration").json
        #expect(body["authorization_endpoint"]?.isText("http://localhost:4190/oauth/authorize") == true)
        #expect(body["token_endpoint"]?.isText("http://localhost:4190/oauth/token") == true)
        #expect(body["code_challenge_methods_supported"] == .array([.string("S256")]))
    }
}

import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import Marketplace

/// Whole tokens, soundly signed by the issuer's own key, and still refused.
@Suite struct `Verified id_token` {
    private static func verdict(_ payload: JSONObject) async throws -> String {
        try await verdict(TokenWorld.token(0, payload))
    }

    private static func verdict(_ token: UnverifiedIDToken) async -> String {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]))
        return await world.judge(token)
    }

    private static func changed(_ name: UntrustedText, _ value: JSONValue) -> JSONObject {
        TokenWorld.payload(JSONObject([(name: name, value: value)]))
    }

    @Test func `says who it is`() async throws {
        #expect(try await Self.verdict(TokenWorld.payload()) == "valid")
    }

    @Test func `RT-65 is refused for another integration of the same issuer and key`() async throws {
        #expect(try await Self.verdict(Self.changed("aud", .string("oac_Other"))) == "audience")
        for several in [["oac_Own", "oac_Other"], ["oac_Own", "oac_Own"], []] {
            let array = JSONValue.array(several.map(JSONValue.string))
            #expect(try await Self.verdict(Self.changed("aud", array)) == "audience")
        }
        #expect(try await Self.verdict(TokenWorld.payload(without: ["aud"])) == "audience")
    }

    @Test(arguments: [
        "", "https://marketplace.example.test/", "http://marketplace.example.test", "HTTPS://MARKETPLACE.EXAMPLE.TEST",
        "https://marketplace.example.test.evil.example", "https://evil.example", "marketplace.example.test",
        "https://marketplace.example.test\0", " https://marketplace.example.test",
    ])
    func `RT-70 RT-76 is refused from any other issuer, missing and empty ones included`(issuer: String) async throws {
        #expect(try await Self.verdict(Self.changed("iss", .string(issuer))) == "issuer")
        #expect(try await Self.verdict(TokenWorld.payload(without: ["iss"])) == "issuer")
        for value in [JSONValue.null, .integer(0), .array([.string(TokenWorld.issuer)]), .object([:])] {
            #expect(try await Self.verdict(Self.changed("iss", value)) == "issuer")
        }
    }

    @Test func `RT-79 is refused when it was made for the system or for calls to the partner`() async throws {
        let system = JSONValue.string("account:feed01")
        #expect(try await Self.verdict(Self.changed("type", .string("access_token"))) == "type")
        #expect(try await Self.verdict(Self.changed("sub", system)) == "subject")
        #expect(try await Self.verdict(Self.changed("sub", .null)) == "subject")
        #expect(try await Self.verdict(TokenWorld.payload(without: ["user_id"])) == "missing_user_id")
        #expect(
            try await Self.verdict(TokenWorld.payload(["sub": system], without: ["user_id", "user_role"])) == "subject")
    }

    @Test(arguments: ["[]", "1", "\"{}\"", "null", "", "{", "{}x", "{}{}", #"{"iss":"a","iss":"a"}"#, "\u{feff}{}"])
    func `RT-75 RT-76 is refused when what is signed is no strict object`(payload: String) async throws {
        let header: JSONObject = ["alg": .string("ES256"), "kid": .string("k0")]
        let signed = SignJWS.compact(
            header: header, payload: Array(payload.utf8), with: TokenWorld.keys[0], by: .es256)
        #expect(try await Self.verdict(UnverifiedIDToken(signed)) == "claims_not_json")
    }

    @Test(
        arguments: [
            (nil, "valid"), ("JWT", "valid"), ("jwt", "valid"), ("application/jwt", "valid"),
            ("Application/JWT", "valid"),
            ("at+jwt", "typ"), ("application/at+jwt", "typ"), ("logout+jwt", "typ"), ("secevent+jwt", "typ"),
            ("dpop+jwt", "typ"), ("JWS", "typ"), ("", "typ"), ("JWT ", "typ"), ("JWT\u{301}", "typ"),
            ("\u{ff2a}WT", "typ"),
        ] as [(String?, String)])
    func `RT-114: is refused when its header names another kind of token`(type: String?, verdict: String) async throws {
        var header: [(name: UntrustedText, value: JSONValue)] = [("alg", .string("ES256")), ("kid", .string("k0"))]
        if let type { header.append(("typ", .string(type))) }
        let signed = SignJWS.compact(
            header: JSONObject(header), payload: TokenWorld.payload().encoded, with: TokenWorld.keys[0], by: .es256)
        #expect(try await Self.verdict(UnverifiedIDToken(signed)) == verdict)
    }

    @Test func `RT-114: is refused when typ is no text`() async throws {
        for type: JSONValue in [.null, .bool(true), .integer(1), .array([.string("JWT")])] {
            let header: JSONObject = ["alg": .string("ES256"), "kid": .string("k0"), "typ": type]
            let signed = SignJWS.compact(
                header: header, payload: TokenWorld.payload().encoded, with: TokenWorld.keys[0], by: .es256)
            #expect(try await Self.verdict(UnverifiedIDToken(signed)) == "typ")
        }
    }

    @Test(
        arguments: ["account_id", "installation_id", "user_id"] as [UntrustedText],
        [
            ("icfg_AZaz09-", true), (String(repeating: "a", count: 128), true),
            (String(repeating: "a", count: 129), false),
            ("", false), ("..", false), ("a/b", false), ("a?b", false), ("a#b", false), ("a%2fb", false),
            ("a b", false),
            ("a.b", false), ("a:b", false), ("é", false), ("a\n", false), ("a,b", false), ("a;b", false),
            ("a\"b", false),
        ])
    func `RT-114: is refused with an id that could be read as anything else`(
        claim: UntrustedText, row: (id: String, isValid: Bool)
    ) async throws {
        let verdict = try await Self.verdict(Self.changed(claim, .string(row.id)))
        #expect(verdict == (row.isValid ? "valid" : "missing_\(claim)"))
    }

    @Test(
        arguments: ["exp", "iat", "nbf"],
        [
            "1e300", "-1", "1.5", "\"1\"", "null", "NaN", "1e10", "1800000000.0", "9223372036854775807",
            "9223372036854775808", "-9223372036854775809", "9007199254740992", "true", "[1]", "{}", "\"\"",
        ])
    func `RT-74 is refused with a time that is not a whole number in range`(claim: String, literal: String) async throws
    {
        let names = TokenWorld.payload(without: [UntrustedText(claim)]).encoded
        let text = String(decoding: names, as: UTF8.self).dropLast() + ",\"\(claim)\":\(literal)}"
        let header: JSONObject = ["alg": .string("ES256"), "kid": .string("k0")]
        let signed = SignJWS.compact(header: header, payload: Array(text.utf8), with: TokenWorld.keys[0], by: .es256)
        let verdict = try await Self.verdict(UnverifiedIDToken(signed))
        #expect(verdict == (literal == "NaN" ? "claims_not_json" : "time_\(claim)"))
    }

    @Test func `RT-74 knows the year 2038 and whole numbers up to 2⁵³`() async throws {
        for seconds in [2_147_483_647, 2_147_483_648, 4_294_967_296, 9_007_199_254_740_991] as [Int64] {
            #expect(try await Self.verdict(Self.changed("exp", .integer(seconds))) == "valid")
            let verdict = try await Self.verdict(Self.changed("iat", .integer(seconds)))
            #expect(verdict == "issued_in_future")
            #expect(try await Self.verdict(Self.changed("nbf", .integer(seconds))) == "not_yet_valid")
        }
        #expect(try await Self.verdict(Self.changed("exp", .integer(0))) == "expired")
        #expect(try await Self.verdict(Self.changed("iat", .integer(0))) == "valid")
    }

    @Test(arguments: [0, 60, 300] as [Int64])
    func `is believed for its time and the skew, and not a second longer`(skew: Int64) throws {
        let rules = IDTokenRules(issuer: TokenWorld.issuer, audience: "oac_Own", clockSkew: skew)
        let now = TokenWorld.now
        let claims = TokenWorld.payload(["exp": .integer(now + 900), "nbf": .integer(now), "iat": .integer(now)])
        #expect((try? rules.check(claims, now: now + 899 + skew)) != nil)
        #expect(throws: IDTokenRefusal.expired) { try rules.check(claims, now: now + 900 + skew) }
        #expect((try? rules.check(claims, now: now - skew)) != nil)
        #expect(throws: IDTokenRefusal.notYetValid) { try rules.check(claims, now: now - skew - 1) }
    }

    @Test func `RT-67 RT-68 is refused by any algorithm that is not listed, sound or not`() async throws {
        for algorithm in SignatureAlgorithm.allCases where algorithm != .es256 {
            let key = SigningKey.generate(for: algorithm)
            let world = TokenWorld()
            let published = SignJWS.publicJWK(key, keyID: "k9", for: algorithm)
            world.endpoint.answer(TokenWorld.published([0]) + [published])
            let token = SignJWS.compact(payload: TokenWorld.payload(), keyID: "k9", with: key, by: algorithm)
            #expect(await world.judge(try UnverifiedIDToken(token)) == "algorithm_not_allowed")
            let listed = TokenWorld(algorithms: [.es256, algorithm])
            listed.endpoint.answer(TokenWorld.published([0]) + [published])
            #expect(await listed.judge(try UnverifiedIDToken(token)) == "valid")
        }
    }

    @Test func `RT-80 is refused with one bit changed in any of its parts`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]))
        let token = SignJWS.compact(
            payload: TokenWorld.payload(), keyID: "k0", with: TokenWorld.keys[0], by: .es256
        ).exposedBytes
        for position in token.indices {
            var damaged = token
            damaged[position] ^= 1 << UInt8(position % 8)
            guard let jws = try? UnverifiedIDToken(SecretBytes(damaged)) else { continue }
            #expect(await world.judge(jws) != "valid")
        }
        #expect(world.endpoint.asked == 1)
    }
}

import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Marketplace

@Suite struct IDTokenRulesTests {
    static let now: Int64 = 1_800_000_000
    private let rules = IDTokenRules(issuer: "https://marketplace.example.test", audience: "oac_Own")

    static let good = """
        {"iss":"https://marketplace.example.test","aud":"oac_Own","sub":"account:feed01:user:0123ab",
        "account_id":"feed01","installation_id":"icfg_1","user_id":"0123ab","user_role":"ADMIN",
        "user_email":"ada@example.test","user_name":"Ada","exp":1800000900,"iat":1800000000,"nbf":1799999999,
        "parent_account_id":null,"something_new":[1,{"a":2}]}
        """

    private func check(_ replaced: String = "", _ with: String = "", now: Int64 = now) throws -> IDToken {
        let text = replaced.isEmpty ? Self.good : Self.good.replacing(replaced, with: with)
        #expect(replaced.isEmpty || text != Self.good)
        return try rules.check(try JSONObject(parsing: SecretBytes(text)), now: now)
    }

    @Test func `accepts a whole token and tolerates claims it does not know`() throws {
        let token = try check()
        #expect(token.userID == "0123ab" && token.role == .admin && token.installationID == "icfg_1")
        #expect(token.accountID == "feed01" && token.email == "ada@example.test" && token.avatarURL == nil)
        #expect(token.expiresAt == 1_800_000_900)
    }

    @Test(
        arguments: [
            (#""aud":"oac_Own""#, #""aud":["oac_Own"]"#), (#""type":"#, ""), (#","nbf":1799999999"#, ""),
            (#""user_email":"ada@example.test","#, ""), (#""user_name":"Ada""#, #""user_name":null"#),
            (#""user_role":"ADMIN""#, #""user_role":"ADMIN","type":"id_token""#),
            (#""user_role":"ADMIN""#, #""user_role":"USER","type":null"#),
        ].filter { good.contains($0.0) })
    func `accepts what the protocol leaves open`(replaced: String, with: String) throws {
        _ = try check(replaced, with)
    }

    @Test(
        arguments: [
            (
                "https://marketplace.example.test", "https://marketplace.example.test/",
                .issuer(presented: "https://marketplace.example.test/")
            ),
            (#""iss":"https://marketplace.example.test","#, "", .issuer(presented: nil)),
            (
                #""iss":"https://marketplace.example.test""#, #""iss":["https://marketplace.example.test"]"#,
                .issuer(presented: nil)
            ),
            ("oac_Own", "oac_Other", .audience(presented: "oac_Other", configured: "oac_Own")),
            (#""aud":"oac_Own""#, #""aud":["oac_Own","oac_Other"]"#, .audience(presented: nil, configured: "oac_Own")),
            (#""aud":"oac_Own""#, #""aud":[]"#, .audience(presented: nil, configured: "oac_Own")),
            (#""aud":"oac_Own","#, "", .audience(presented: nil, configured: "oac_Own")),
            (#""exp":1800000900,"#, "", .time(claim: "exp")),
            (#""exp":1800000900"#, #""exp":null"#, .time(claim: "exp")),
            (#""iat":1800000000,"#, "", .time(claim: "iat")),
            (#""iat":1800000000"#, #""iat":1800000061"#, .issuedInFuture),
            (#""nbf":1799999999"#, #""nbf":1800000061"#, .notYetValid),
            (#""user_role":"ADMIN""#, #""user_role":"ADMIN","type":"access_token""#, .type(presented: "access_token")),
            (#""user_role":"ADMIN""#, #""user_role":"ADMIN","type":7"#, .claimType(claim: "type")),
            ("account:feed01:user:0123ab", "account:feed01", .subject),
            ("account:feed01:user:0123ab", "account::user:0123ab", .subject),
            ("account:feed01:user:0123ab", "account:feed01:user:xyz", .subject),
            (#""sub":"account:feed01:user:0123ab","#, "", .subject),
            (#""sub":"account:feed01:user:0123ab""#, #""sub":null"#, .subject),
            (#""account_id":"feed01","#, "", .identifier(claim: "account_id")),
            (#""installation_id":"icfg_1""#, #""installation_id":"""#, .identifier(claim: "installation_id")),
            (#""installation_id":"icfg_1""#, #""installation_id":null"#, .identifier(claim: "installation_id")),
            (#""user_id":"0123ab""#, #""user_id":"a b""#, .identifier(claim: "user_id")),
            (#""user_role":"ADMIN","#, "", .role(presented: nil)),
            (#""ADMIN""#, #""admin""#, .role(presented: "admin")),
            (#""ADMIN""#, #""OWNER""#, .role(presented: "OWNER")),
            (#""ADMIN""#, #"["ADMIN"]"#, .claimType(claim: "user_role")),
            (#""user_name":"Ada""#, #""user_name":{"a":1}"#, .claimType(claim: "user_name")),
        ] as [(String, String, IDTokenRefusal)])
    func `RT-65 RT-79 refuses each claim that is wrong, with a reason of its own`(
        replaced: String, with: String, refusal: IDTokenRefusal
    ) {
        #expect(throws: refusal) { try check(replaced, with) }
    }

    @Test(
        arguments: [
            ("1e300", nil), ("-1", nil), ("1.5", nil), ("\"1\"", nil), ("null", nil), ("9223372036854775808", nil),
            ("1e10", nil), ("9007199254740992", nil), ("true", nil), ("[1800000900]", nil),
            ("2147483648", 2_147_483_648), ("9007199254740991", 9_007_199_254_740_991),
        ] as [(String, Int64?)])
    func `RT-74 a time is a whole number in range or nothing`(literal: String, expected: Int64?) {
        let token = try? check("1800000900", literal)
        #expect(token?.expiresAt == expected)
    }

    @Test(arguments: [(959, true), (960, false), (901, true)])
    func `the skew bounds how long a token outlives its end`(age: Int64, isAccepted: Bool) {
        let token = try? check(now: Self.now + age)
        #expect((token != nil) == isAccepted)
    }
}

@Suite struct KeySetFreshnessTests {
    @Test(
        arguments: [
            (nil, 600), ("max-age=3600", 3600), ("public, max-age=1", 60), ("max-age=999999", 86_400), ("no-store", 60),
            ("max-age=abc", 600), ("max-age=10, max-age=20", 600), ("MAX-AGE=120", 120),
        ] as [(UntrustedText?, Int64)])
    func `keeps Cache-Control within a minute and a day`(header: UntrustedText?, lifetime: Int64) {
        #expect(KeySetFreshness(fetchedAt: 0, cacheControl: header, refreshPercent: 80).lifetime == lifetime)
    }

    @Test func `refreshes ahead of its end and bridges a day of outage`() {
        let freshness = KeySetFreshness(fetchedAt: 0, cacheControl: "max-age=1000", refreshPercent: 80)
        #expect(!freshness.wantsRefresh(now: 799) && freshness.wantsRefresh(now: 800))
        #expect(freshness.isFresh(now: 999) && !freshness.isFresh(now: 1000))
        #expect(freshness.isUsableOnError(now: 87_399) && !freshness.isUsableOnError(now: 87_400))
    }
}

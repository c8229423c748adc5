import HTTP
import Marketplace
import OpenSSLCrypto
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway

/// What a text may cost that arrives from outside, wherever it arrives. In the table, `$` is where the text stands.
@Suite struct TextCostTests {
    struct Place: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let target: String
        var headers: [(String, String)] = []
        var body = ""
        var spelling = CostlyText.Spelling.raw
        var isAdmin = false

        var testDescription: String { "\(method) \(target) \(headers) \(body) \(spelling)" }

        func request(_ text: String) -> HTTPRequest? {
            func filled(_ template: String) -> String {
                template.utf8.contains(UInt8(ascii: "$")) ? template.replacing("$", with: text) : template
            }
            guard let target = try? RequestTarget(SecretBytes(filled(target))) else { return nil }
            var fields = HTTPHeaders()
            for (name, value) in headers { fields.append(filled(name), filled(value)) }
            let body = SecretBytes(filled(body))
            if target.path == "/sso/webhook" { fields.append("X-Vercel-Signature", Self.signature(body)) }
            return HTTPRequest(method: method, target: target, headers: fields, body: body, peer: .unixSocket)
        }

        private static func signature(_ body: SecretBytes) -> String {
            HMACKey(SecretBytes("secret"), digest: .sha1).code(for: body).hexadecimal
        }
    }

    private static let targets: [Place] = [
        "/$", "/a/$/b", "/sso/assets/$", "/sso/start?$=1", "/sso/start?integration=$", "/sso/start?rd=/$",
        "/sso/start?installation=$", "/live/callback?$=1", "/live/callback?mode=$", "/live/callback?code=$",
        "/live/callback?mode=sso&code=x&state=$", "/live/callback?mode=sso&code=x&path=$",
        "/live/callback?mode=sso&code=x&url=$", "/live/callback?mode=sso&code=x&resource_id=$",
        "/live/callback?mode=sso&code=x&sso_flow=$", "/v1/installations/$", "/authz/envoy/$", "/authz/nginx?$",
    ].flatMap { (target: String) in
        [CostlyText.Spelling.raw, .percent].map { Place(method: .get, target: target, spelling: $0) }
    }

    private static let headerNames = [
        "Host", "Cookie", "Accept", "Connection", "X-Forwarded-For", "X-Requested-With", "Sec-Fetch-Mode", "Origin",
        "$",
    ]

    /// Every header of a decision request in its turn, those that carry it included.
    private static let decisions: [Place] = ProxyDialect.all.flatMap { dialect in
        let (path, headers) = ProxyDialectTests.decisionRequest(dialect)
        return (headerNames + dialect.own).flatMap { name -> [Place] in
            let others = headers.fields.filter { $0.name != name }.map { ($0.name, $0.value) }
            let isTarget =
                dialect.target == .header(.xOriginalURI) && name == "X-Original-URI"
                || dialect.target == .header(.xForwardedURI) && name == "X-Forwarded-Uri"
            if isTarget {
                return [
                    ("/$", CostlyText.Spelling.raw), ("/$", .percent), ("/admin/$/x", .percent), ("/?$", .percent),
                ].map {
                    Place(method: .get, target: path, headers: others + [(name, $0.0)], spelling: $0.1)
                }
            }
            let values = name == "Cookie" ? ["$=1", "__Host-sso_session=$"] : name == "Host" ? ["$", "[$]"] : ["$"]
            return values.map { Place(method: .get, target: path, headers: others + [(name, $0)]) }
        }
            + ["/authz/envoy/$", "/authz/envoy/?$"].filter { _ in dialect.target == .decisionRequest }.map {
                Place(
                    method: .get, target: $0, headers: headers.fields.map { ($0.name, $0.value) }, spelling: .percent)
            }
    }

    private static let others: [Place] = ["/sso/session", "/sso/sign_out", "/sso/start", "/live/callback?code=x"]
        .flatMap {
            target in
            headerNames.map { Place(method: .get, target: target, headers: [($0, $0 == "Cookie" ? "$=1" : "$")]) }
        }

    private static let forms: [Place] = ["/sso/switch", "/sso/sign_out"].flatMap { target in
        let type = ("Content-Type", "application/x-www-form-urlencoded")
        return ["Origin", "Sec-Fetch-Site", "Content-Type", "Cookie"].map {
            Place(
                method: .post, target: target, headers: [($0, $0 == "Cookie" ? "$=1" : "$")], body: "ticket=a&answer=b")
        }
            + ["$=1", "ticket=$&answer=$", "ticket=a&answer=$"].flatMap { body in
                [CostlyText.Spelling.raw, .percent].map {
                    Place(method: .post, target: target, headers: [type], body: body, spelling: $0)
                }
            }
    }

    private static let documents: [Place] = [
        (
            HTTPMethod.post, "/sso/webhook",
            [
                #"{"$":1}"#, #"{"id":"$","type":"$","createdAt":"$"}"#,
                #"{"id":"a","type":"$","createdAt":1,"payload":{"$":"$"}}"#,
                #"{"id":"a","type":"marketplace.member.changed","createdAt":1,"payload":{"installationId":"$"}}"#,
                #"{"id":"a","type":"marketplace.member.changed","createdAt":1,"payload":{"installationId":"icfg_1","memberId":"$"}}"#,
                #"{"id":"a","type":"marketplace.member.changed","createdAt":1,"payload":{"installationId":"icfg_1","memberId":"b","role":"$"}}"#,
            ]
        ),
        (.put, "/v1/installations/x", [#"{"$":1,"$$":2}"#, #"{"a":"$"}"#]),
        (
            .post, "/admin/sessions/revoke",
            [
                #"{"$":"a"}"#, #"{"session":"$"}"#, #"{"integration":"$","installation":"icfg_1"}"#,
                #"{"installation":"$","member":"$"}"#,
            ]
        ),
        (.put, "/admin/installations/icfg_1", [#"{"$":"a"}"#, #"{"account_id":"$"}"#, #"{"access_token":"$"}"#]),
    ].flatMap { (method, target, bodies) in
        bodies.flatMap { body in
            [CostlyText.Spelling.raw, .json].map {
                let headers = [("X-Vercel-Auth", "user"), ("Authorization", "Bearer \(Self.stranger)")]
                return Place(
                    method: method, target: target, headers: target.hasPrefix("/v1") ? headers : [], body: body,
                    spelling: $0, isAdmin: target.hasPrefix("/admin"))
            }
        }
    }

    private static let administration: [Place] =
        [
            "/admin/installations?integration=$", "/admin/installations/$", "/admin/installations/icfg_1?integration=$",
            "/admin/installations/icfg_1?$=1",
        ].flatMap { target in
            [CostlyText.Spelling.raw, .percent].map { Place(method: .get, target: target, spelling: $0, isAdmin: true) }
        }
        + ["Host", "Authorization", "Origin", "Sec-Fetch-Site"].map {
            Place(method: .get, target: "/metrics", headers: [($0, "$")], isAdmin: true)
        }

    /// A token with the right form, but no valid signature.
    private static let stranger = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.c2ln"

    private struct Unreachable: HTTPClient {
        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            throw .cannotConnect
        }
    }

    private static let gateway: Gateway = {
        let rules = RuleTable(
            (1...8).map {
                .init(
                    host: "app.example.test", path: "/part\($0)/", methods: ["GET", "POST"], verdict: .roles([.user]))
            } + [
                .init(host: nil, path: "/Admin/", methods: nil, verdict: .roles([.admin])),
                .init(host: nil, path: "/public/", methods: nil, verdict: .anyone),
            ])
        return Gateway(
            settings: TestWorld.settings(rules: rules), keyRing: TestWorld.ring, access: TestWorld.access,
            client: Unreachable(), TestWorld.observability)
    }()

    private static func send(_ text: [UInt8], to place: Place) async {
        guard let request = place.request(String(decoding: text, as: UTF8.self)) else {
            _ = gateway.answer(
                malformed: MalformedRequest(reason: .target, status: .badRequest, peer: .unixSocket))
            return
        }
        switch place.isAdmin ? gateway.admin.answer(request) : gateway.answer(request) {
        case .now: break
        case .later(let answer): _ = await answer()
        }
    }

    @Test(arguments: targets + decisions + others + forms + documents + administration)
    func `RT-100: text costs at most four times what as many letters cost`(place: Place) async {
        let complaints = await CostlyText.complaints(place.spelling) { await Self.send($0, to: place) }
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    }

    @Test(arguments: ["", "{", #"{"a":1,"a":2}"#, String(repeating: "[", count: 100_000)])
    func `RT-100: the body of an installation call is not parsed before its token is verified`(body: String)
        async throws
    {
        let place = Place(
            method: .put, target: "/v1/installations/x",
            headers: [("X-Vercel-Auth", "user"), ("Authorization", "Bearer \(Self.stranger)")], body: body)
        guard case .later(let answer) = Self.gateway.answer(try #require(place.request(""))) else {
            Issue.record("answered before the token was looked at")
            return
        }
        // Without keys no token can be verified. A body that was parsed would be refused with 400.
        #expect(await answer().status == .serviceUnavailable)
    }
}

import HTTP
import JOSE
import Marketplace
import MicroHTTPServer
import OpenSSLCrypto
import SecretMemory
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// What a client of the broker may learn and take, and what its requests have to be.
@Suite struct BrokerClientTests {
    private static let event = #"{"event":{"type":"installation.updated"}}"#

    /// Two integrations, of which `elsewhere` may call for the second alone.
    private static func twoIntegrations(_ plan: inout LoginWorld.Plan) {
        var other = LoginWorld.Plan.acme("other", clientID: "oac_Other", callback: "/other/callback")
        other.webhookURL = LoginWorld.origin + "/other/webhook"
        other.installations[0].id = "icfg_OfTheOther"
        other.installations[0].accessToken = "another-token"
        plan.integrations.append(other)
    }

    @Test func `a client of one integration learns nothing of another's installations`() async throws {
        try await BrokerWorld.run(Self.twoIntegrations) { broker in
            func answer(_ installation: String, _ headers: HTTPHeaders = [:]) async throws -> String {
                let answer = try await broker.call(
                    .get, "/v1/installations/\(installation)/account", token: "canary-elsewhere", headers: headers,
                    below: "")
                return "\(answer.status) \(answer.code) \(answer.isOwn)"
            }
            let own = try await answer("icfg_OfTheOther")
            #expect(own == "200  false")
            for headers in [[:], ["X-SSO-Integration": "other"]] as [HTTPHeaders] {
                let (foreign, none) = try await (
                    answer(BrokerWorld.installation, headers), answer("icfg_None", headers)
                )
                #expect(foreign == none && foreign == "424 no_token true")
            }
            // Nor which integrations there are.
            for name in ["acme", "none"] {
                for installation in [BrokerWorld.installation, "icfg_None", "icfg_OfTheOther"] {
                    let refused = try await answer(installation, ["X-SSO-Integration": name])
                    #expect(refused == "403 integration true")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("application/json", [:], 201, ""), ("Application/JSON; charset=utf-8", [:], 201, ""),
            ("application/json;charset=\"UTF-8\"", [:], 201, ""), (nil, [:], 415, "content_type"),
            ("text/plain", [:], 415, "content_type"), ("application/x-www-form-urlencoded", [:], 415, "content_type"),
            ("application/json; charset=utf-16", [:], 415, "content_type"),
            ("application/jsonp", [:], 415, "content_type"), ("application/json \t;  charset=utf-8", [:], 201, ""),
            ("a p p lication/json", [:], 415, "content_type"), ("application/ json", [:], 415, "content_type"),
            ("application/json; char set=utf-8", [:], 415, "content_type"), (";", [:], 415, "content_type"),
            ("application/json;", [:], 415, "content_type"),
            ("application/json, text/plain", [:], 415, "content_type"),
            ("application/json", ["Content-Encoding": "gzip"], 415, "content_coding"),
            ("application/json", ["Content-Encoding": "identity"], 415, "content_coding"),
        ] as [(String?, HTTPHeaders, Int, String)])
    func `a body says that it is plain JSON`(type: String?, headers: HTTPHeaders, status: Int, code: String)
        async throws
    {
        try await BrokerWorld.run { broker in
            let answer = try await broker.call(.post, "/events", Self.event, headers: headers, contentType: type)
            #expect(answer.status == status && answer.code == code && answer.isOwn == (status == 415), "\(answer.text)")
            #expect(broker.world.standIn.counters.apiCalls == (status == 201 ? 1 : 0))
        }
    }

    @Test func `a request without a body needs no type, and has no coding either`() async throws {
        try await BrokerWorld.run { broker in
            #expect(try await broker.call(.get, "/account").status == 200)
            let coded = try await broker.call(.get, "/account", headers: ["Content-Encoding": "br"])
            #expect(coded.status == 415 && coded.headers["Accept-Encoding"] == "identity")
        }
    }

    @Test func `a client has a rate for everything together`() async throws {
        try await BrokerWorld.run {
            $0.broker = BrokerWorld.settings()
            $0.broker?.clientRate = .init(calls: 3, period: 3600)
        } _: { broker in
            for number in 0..<3 {
                let answer = try await broker.call(.get, "/v1/installations/icfg_\(number)/account", below: "")
                #expect(answer.code == "no_token")
            }
            for path in ["/v1/installations/icfg_4/account", "/v1/billing/buy"] {
                let method = path.hasSuffix("buy") ? HTTPMethod.post : .get
                let answer = try await broker.call(method, path, below: "")
                #expect(answer.status == 429 && answer.code == "client_rate" && answer.isOwn, "\(answer.text)")
                #expect((1195...1201).contains(answer.headers["Retry-After"].flatMap { Int($0) } ?? 0))
            }
            let other = try await broker.call(.get, "/billing/invoices/mi_1", token: BrokerWorld.readerToken)
            #expect(other.status == 404 && !other.isOwn)
            try await broker.reload { $0.broker?.clients.removeLast() }
            #expect(try await broker.call(.get, "/account").code == "client_rate")
        }
    }

    @Test(arguments: [HTTPMethod.other("TRACE"), .other("BREW"), .options, .head])
    func `an unknown method is refused as the broker refuses`(method: HTTPMethod) async throws {
        try await BrokerWorld.run { broker in
            let raw = try await onThread { [port = broker.port] in
                let connection = try RawConnection(port: port)
                connection.send(
                    """
                    \(method.rawValue) \(BrokerWorld.below)/account HTTP/1.1\r\nHost: a\r\n\
                    Authorization: Bearer \(BrokerWorld.token)\r\nConnection: close\r\n\r\n
                    """)
                return String(decoding: connection.receiveAll().bytes, as: UTF8.self)
            }
            #expect(raw.hasPrefix("HTTP/1.1 405 ") && raw.contains("Allow: GET\r\n"), "\(raw)")
            #expect(raw.contains("X-SSO-Broker: refused"))
        }
    }
}

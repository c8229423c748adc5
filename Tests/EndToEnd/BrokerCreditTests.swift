import HTTP
import JOSE
import Locking
import Marketplace
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Buying credits through the broker, with credentials that are no installation's.
@Suite struct BrokerCreditTests {
    private static let purchase = #"{"item":{"type":"credits","creditType":"gateway","amount":5}}"#
    private static let checkout =
        #"{"cancel_url":"https://app.example/no","quantity":2,"success_url":"https://app.example/yes"}"#
    private static let checkoutPath = "/api/v1/org/acme/credits/checkout"

    private static func run(
        account: String = "stand-in-account-token", checkout: String = "stand-in-checkout-token",
        _ body: (BrokerWorld) async throws -> Void
    ) async throws {
        try await BrokerWorld.run { broker in
            try await broker.reload { plan in
                let url = broker.world.standIn.url
                plan.broker?.credits = CreditSettings(
                    marketplace: .init(token: SecretBytes(account), apiURL: url),
                    checkout: .init(token: SecretBytes(checkout), url: url, origins: ["https://app.example"]))
            }
            try await body(broker)
        }
    }

    @Test func `without a credential nothing is sent`() async throws {
        try await BrokerWorld.run { broker in
            let answer = try await broker.call(.post, "/v1/billing/buy", Self.purchase, below: "")
            #expect(answer.status == 424 && answer.code == "no_credential" && answer.isOwn)
            let other = try await broker.call(.post, Self.checkoutPath, Self.checkout, below: "")
            #expect(other.status == 424 && other.code == "no_credential" && other.isOwn)
        }
    }

    @Test(arguments: [
        (CreditAnswer.purchaseIntent, 200), (.checkoutSession, 200), (.subscriptionIntent, 200), (.declined, 402),
    ])
    func `each kind of answer comes back as it is`(kind: CreditAnswer, status: Int) async throws {
        try await Self.run { broker in
            broker.world.standIn.standIn.state.withLock { $0.creditAnswer = kind }
            let answer = try await broker.call(
                .post, "/v1/billing/buy?source=cli&teamId=team_a", Self.purchase, below: "")
            #expect(answer.status == status && !answer.isOwn, "\(answer.text)")
            if status == 402 {
                #expect(answer.code == "payment_required")
            } else {
                let body = try JSONValue.parse(Array(answer.text.utf8))
                let read = try CreditPurchaseAnswer(body, at: .answer)
                switch (kind, read) {
                case (.purchaseIntent, .purchaseIntent), (.checkoutSession, .checkoutSession),
                    (.subscriptionIntent, .orbSubscriptionIntent):
                    break
                default: Issue.record("\(kind) came as \(read)")
                }
            }
            #expect(broker.world.standIn.standIn.state.withLock { $0.purchases } == 1)
            let line = try #require(broker.auditLines.first)
            #expect(line.contains("client=all operation=buyCredits integration= installation= status=\(status) "))
            #expect(!broker.world.log.all.joined().contains("stand-in-account-token"))
        }
    }

    @Test func `a checkout has its own token, and its own errors come back`() async throws {
        try await Self.run { broker in
            let answer = try await broker.call(.post, Self.checkoutPath, Self.checkout, below: "")
            #expect(answer.status == 200 && !answer.isOwn && answer.body?["session_id"] != nil, "\(answer.text)")
        }
        try await Self.run(account: "wrong-account-token", checkout: "wrong-checkout-token") { broker in
            let answer = try await broker.call(.post, Self.checkoutPath, Self.checkout, below: "")
            #expect(answer.status == 401 && !answer.isOwn)
            #expect(
                answer.body?["type"]?.isText("authentication_error") == true && answer.body?["code"] == .integer(401))
            let purchase = try await broker.call(.post, "/v1/billing/buy", Self.purchase, below: "")
            #expect(purchase.status == 401 && !purchase.isOwn && purchase.code == "forbidden")
        }
    }

    @Test(arguments: [
        ("https://evil.example/", "https://app.example/", 2, "cancel_url"),
        ("https://app.example/", "https://app.example.evil.example/", 2, "success_url"),
        ("https://app.example@evil.example/", "https://app.example/", 2, "cancel_url"),
        ("https://app.example/", "https://app.example/", 11, "quantity"),
    ])
    func `a checkout leads back to configured origins alone`(
        cancel: String, success: String, quantity: Int, field: String
    ) async throws {
        try await Self.run { broker in
            let body = #"{"cancel_url":"\#(cancel)","quantity":\#(quantity),"success_url":"\#(success)"}"#
            let answer = try await broker.call(.post, Self.checkoutPath, body, below: "")
            #expect(answer.status == 422 && answer.field == field && answer.isOwn, "\(answer.text)")
        }
    }

    @Test func `only an administrator buys, and only a client that may`() async throws {
        try await Self.run { broker in
            for (path, body) in [("/v1/billing/buy", Self.purchase), (Self.checkoutPath, Self.checkout)] {
                let user = try await broker.call(
                    .post, path, body, headers: broker.assertion(role: "USER"), below: "")
                #expect(user.status == 403 && user.code == "member_role")
                let admin = try await broker.call(.post, path, body, headers: broker.assertion(), below: "")
                #expect(admin.status == 200)
                let reader = try await broker.call(.post, path, body, token: BrokerWorld.readerToken, below: "")
                #expect(reader.status == 403 && reader.code == "operation")
            }
        }
    }

    @Test func `a purchase is sent once, and an answer with the credential is kept`() async throws {
        let answer = """
            HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 34\r\n\
            Connection: close\r\n\r\n{"echo":"canary-of-a-team-account"}
            """
        let server = try ScriptedServer { _ in [.awaitRequest, .send(answer)] }
        defer { server.stop() }
        try await BrokerWorld.run {
            $0.broker?.credits = CreditSettings(
                marketplace: .init(
                    token: SecretBytes("canary-of-a-team-account"), apiURL: "http://127.0.0.1:\(server.port)"))
        } _: { broker in
            let answer = try await broker.call(.post, "/v1/billing/buy", Self.purchase, below: "")
            #expect(answer.status == 502 && answer.code == "token_in_answer" && answer.isOwn)
            #expect(server.requests.count == 1)
            #expect(server.requests[0].contains("Authorization: Bearer canary-of-a-team-account\r\n"))
        }
    }
}

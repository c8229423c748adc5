import HTTP
import Marketplace
import SecretMemory
import Testing
import Untrusted

@testable import Gateway

@Suite struct WebhookParsingTests {
    /// The protocol page's own vector.
    @Test func `the published signature is the signature`() throws {
        let body = """
            {"id":"evt_test_1","type":"marketplace.member.changed","createdAt":1767225600000,"payload":{"configuration":\
            {"id":"icfg_AbCdEfGhIjKlMnOpQrStUvWx"},"installationId":"icfg_AbCdEfGhIjKlMnOpQrStUvWx","memberId":\
            "0123456789abcdef01234567","role":"NONE"}}
            """
        var integration = TestWorld.integration()
        integration.clientSecret = SecretBytes("whsec-test-client-secret")
        let genuine = "b07203094fe85bbf5762161c626735aa8254f89e"
        #expect(body.utf8.count == 249)
        #expect(Self.isGenuine(body, genuine, integration))
        #expect(!Self.isGenuine(body + "\n", genuine, integration))
        integration.previousClientSecret = integration.clientSecret
        integration.clientSecret = SecretBytes("the next one")
        #expect(Self.isGenuine(body, genuine, integration))
        let webhook = try Webhook(SecretBytes(body))
        #expect(webhook.createdAt == 1_767_225_600_000)
        #expect(
            webhook.effect
                == .memberChanged(
                    userID: "0123456789abcdef01234567", installationID: "icfg_AbCdEfGhIjKlMnOpQrStUvWx", role: nil))
    }

    private static func isGenuine(_ body: String, _ signature: String, _ integration: IntegrationSettings) -> Bool {
        guard let target = try? RequestTarget(SecretBytes("/sso/webhook")) else { return false }
        return WebhookSignature(integration).isGenuine(
            HTTPRequest(
                method: .post, target: target, headers: ["X-Vercel-Signature": signature], body: SecretBytes(body),
                peer: .unixSocket))
    }

    private static func body(_ payload: String, type: String = "marketplace.member.changed") -> SecretBytes {
        SecretBytes(#"{"id":"evt_1","type":"\#(type)","createdAt":1,"payload":\#(payload)}"#)
    }

    @Test(arguments: [
        (#"{"id":"e","type":"t","createdAt":1}trailing"#, Webhook.Refusal.json),
        (#"{"id":"e","id":"f","type":"t","createdAt":1}"#, .json), ("[]", .json), ("", .json),
        (#"{"type":"t","createdAt":1}"#, .id), (#"{"id":"","type":"t","createdAt":1}"#, .id),
        (#"{"id":7,"type":"t","createdAt":1}"#, .id), (#"{"id":"a\u0000","type":"t","createdAt":1}"#, .id),
        (#"{"id":"e","createdAt":1}"#, .type), (#"{"id":"e","type":"t"}"#, .created),
        (#"{"id":"e","type":"t","createdAt":1.5}"#, .created), (#"{"id":"e","type":"t","createdAt":-1}"#, .created),
        (#"{"id":"e","type":"t","createdAt":"soon"}"#, .created),
        (#"{"id":"e","type":"t","createdAt":9223372036854775807}"#, .created),
    ])
    func `what cannot be understood is refused with its reason`(_ body: String, _ reason: Webhook.Refusal) {
        #expect(throws: reason) { try Webhook(SecretBytes(body)) }
    }

    @Test(arguments: [
        ("null", Webhook.Refusal.payload), ("{}", .installation), (#"{"installationId":""}"#, .installation),
        (#"{"installationId":"icfg_1","configuration":{"id":"icfg_2"},"memberId":"a","role":"USER"}"#, .installation),
        (#"{"installationId":"icfg/1","memberId":"a","role":"USER"}"#, .installation),
        (#"{"installationId":"icfg_1","role":"USER"}"#, .member),
        (#"{"installationId":"icfg_1","memberId":"a b","role":"USER"}"#, .member),
        (#"{"installationId":"icfg_1","memberId":"a"}"#, .role),
        (#"{"installationId":"icfg_1","memberId":"a","role":"none"}"#, .role),
        (#"{"installationId":"icfg_1","memberId":"a","role":"OWNER"}"#, .role),
        (#"{"installationId":"icfg_1","memberId":"a","role":null}"#, .role),
    ])
    func `a change of a member that leaves a doubt is refused`(_ payload: String, _ reason: Webhook.Refusal) {
        #expect(throws: reason) { try Webhook(Self.body(payload)) }
    }

    @Test(arguments: [
        #"{"installationId":"icfg_1"}"#, #"{"configuration":{"id":"icfg_1"},"user":{"id":null}}"#,
        #"{"installationId":"oac_1","configuration":{"id":"icfg_1"}}"#,
        #"{"installationId":null,"configuration":{"id":"icfg_1"}}"#,
    ])
    func `the installation is found wherever samples have it`(_ payload: String) throws {
        let webhook = try Webhook(Self.body(payload, type: "integration-configuration.removed"))
        #expect(webhook.effect == .installationRemoved("icfg_1"))
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1_767_225_600_000),
            ("2026-01-01T01:30:00.5+01:30", 1_767_225_600_500), ("2025-12-31T23:00:00.123456-01:00", 1_767_225_600_123),
            ("2000-02-29T12:00:00Z", 951_825_600_000), ("2024-12-31T23:59:60Z", 1_735_689_600_000),
        ] as [(String, Int64)])
    func `a date is the millisecond that it names`(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp.milliseconds(UntrustedText(text)) == milliseconds)
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00Z ",
        "1969-12-31T23:59:59Z", "2026-01-01T00:00:00+1:00", "٢026-01-01T00:00:00Z", "1900-02-29T00:00:00Z",
    ])
    func `what is no date with its time and zone is none`(_ text: String) {
        #expect(Timestamp.milliseconds(UntrustedText(text)) == nil)
    }
}

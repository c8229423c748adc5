import HTTP
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Webhooks that come late.
extension ClockTests {
    /// The first delivery failed. Meanwhile a revocation put the member's next session ahead of the clock.
    @Test(arguments: [
        "marketplace.member.changed", "integration-configuration.removed", "integration-configuration.transferred",
    ])
    func `RT-111: a late webhook ends a session that a revocation put ahead of the clock`(_ type: String) async throws {
        try await LoginWorld.run { world in
            world.plan.clock.stop()
            try await revoke(Self.scopes[0], world)
            let ada = try await signIn(world)
            #expect(try await decide(ada) == 200)
            let created = world.plan.clock.seconds() * 1000
            world.plan.clock.advance(by: LiveStore.skew + 30)
            let payload =
                type == "marketplace.member.changed"
                ? #"{"installationId":"\#(Self.installation)","memberId":"\#(LoginWorld.ada)","role":"NONE"}"#
                : #"{"configuration":{"id":"\#(Self.installation)"}}"#
            let body = #"{"id":"evt_1","type":"\#(type)","createdAt":\#(created),"payload":\#(payload)}"#
            let signature = WebhookMessage.signature(of: body, secret: "stand-in-client-secret")
            #expect(try await WebhookMessage.post(body, ["X-Vercel-Signature": signature], world) == 200)
            #expect(try await decide(ada) == 401)
        }
    }

    @Test func `RT-111: a late webhook does not end what began after another one's revocation`() async throws {
        try await LoginWorld.run { world in
            world.plan.clock.stop()
            let created = world.plan.clock.seconds() * 1000
            world.plan.clock.advance(by: 5 * 3600)
            let other = #"{"installation":"\#(Self.installation)","member":"\#(LoginWorld.ben)"}"#
            try await revoke(other, world)
            let ada = try await signIn(world)
            let body = """
                {"id":"evt_1","type":"integration-configuration.transferred","createdAt":\(created),\
                "payload":{"configuration":{"id":"\(Self.installation)"}}}
                """
            let signature = WebhookMessage.signature(of: body, secret: "stand-in-client-secret")
            #expect(try await WebhookMessage.post(body, ["X-Vercel-Signature": signature], world) == 200)
            #expect(try await decide(ada) == 200)
        }
    }
}

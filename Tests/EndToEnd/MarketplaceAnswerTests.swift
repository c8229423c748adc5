import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// The table of what the marketplace may answer to a look-up behind a decision, against what a live session sees. The
/// look-up that a decision waits for has the same table in `LiveRoleTests`.
@Suite struct MarketplaceAnswerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let fault: StandInFault
        /// Ada's next decisions, and those of Ben in the same installation, who was not looked up.
        let status: Int
        var role = "ADMIN"
        var others = 200
        /// The log's word where the answer says nothing about Ada.
        var reason: String?

        var testDescription: String { fault.rawValue }
    }

    static let rows = [
        Row(fault: .none, status: 200), Row(fault: .memberDemoted, status: 200, role: "USER"),
        Row(fault: .member404, status: 401), Row(fault: .memberNone, status: 401),
        Row(fault: .member410, status: 401, others: 401),
        Row(fault: .member401, status: 200, reason: "token_refused"),
        Row(fault: .member403, status: 200, reason: "token_refused"),
        Row(fault: .member429, status: 200, reason: "rate_limited"),
        Row(fault: .member500, status: 200, reason: "status"),
        Row(fault: .memberSlow, status: 200, reason: "timed_out"),
        Row(fault: .memberGarbage, status: 200, reason: "not_json"),
        Row(fault: .memberOther, status: 200, reason: "other_member"),
    ]

    private func decide(_ browser: TestBrowser) async throws -> TestBrowser.Answer {
        try await browser.get("/authz/nginx", headers: LoginWorld.original)
    }

    @Test(arguments: rows) func `behind a decision`(_ row: Row) async throws {
        try await LoginWorld.run {
            $0.session = SessionLifetimes(idle: 8 * 3600, absolute: 8 * 3600)
        } _: { world in
            let (ada, ben) = (world.browser(), world.browser())
            #expect(try await ada.callBack(world.standIn.click()).status == 303)
            world.plan.clock.advance(by: 200)
            #expect(try await ben.callBack(world.standIn.click(LoginWorld.ben)).status == 303)
            world.plan.clock.advance(by: 101)
            world.standIn.fail(row.fault)
            let before = world.standIn.counters.memberLookups

            // Whatever the answer will be, this decision does not wait for it.
            let stale = try await decide(ada)
            #expect(stale.status == 200 && stale.headers["X-SSO-Role"] == "ADMIN")
            try await received(row, in: world, ada)

            let answer = try await decide(ada)
            #expect(answer.status == row.status)
            if row.status == 200 {
                #expect(answer.headers["X-SSO-Role"] == row.role)
                let age = Int(answer.headers["X-SSO-Role-Age"] ?? "") ?? -1
                #expect(row.reason == nil ? (0..<100).contains(age) : age > 300)
            }
            #expect(try await decide(ben).status == row.others)
            #expect(world.standIn.counters.memberLookups > before)
            let metrics = try await world.client.send(
                HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
            let counted = "sso_gateway_member_lookups_unavailable_total \(row.reason == nil ? 0 : 1)\n"
            #expect(metrics.body.exposedText?.string.contains(counted) == true)
        }
    }

    /// Until what came of the look-up can be seen.
    private func received(_ row: Row, in world: LoginWorld, _ ada: TestBrowser) async throws {
        for _ in 0..<400 {
            if let reason = row.reason {
                let reasonField = "reason=\(reason)"
                if world.log.all.contains(where: {
                    $0.hasPrefix("member_lookup_unavailable") && $0.contains(reasonField)
                }) {
                    return
                }
            } else {
                let answer = try await decide(ada)
                if answer.status == 401 || Int(answer.headers["X-SSO-Role-Age"] ?? "") ?? 999 < 100 { return }
            }
            try await Task.sleep(for: .milliseconds(25))
        }
        Issue.record("nothing was logged: \(world.log.all)")
    }
}

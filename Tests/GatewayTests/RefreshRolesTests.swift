import HTTP
import Locking
import Marketplace
import SecretMemory
import Storage
import TestSupport
import Testing

@testable import Gateway

/// Who is looked up, and who has to wait.
@Suite struct RefreshRolesTests {
    /// Answers by the installation in the address, and counts the look-ups.
    private struct Marketplace: HTTPClient {
        let lookups = Locked<[String: Int]>([:])

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            let parts = request.url.split(separator: "/").map(String.init)
            let (installation, user) = (parts[parts.count - 3], parts[parts.count - 1])
            lookups.withLock { $0[installation, default: 0] += 1 }
            let isDisabled = installation == "icfg_disabled"
            return HTTPClientResponse(
                status: isDisabled ? .forbidden : .ok, headers: [:],
                body: SecretBytes(isDisabled ? "{}" : #"{"id":"\#(user)","role":"USER"}"#))
        }
    }

    private static func member(_ installation: String, _ user: Int) -> MemberKey {
        MemberKey(integration: "live", installationID: installation, userID: "u\(user)")
    }

    private static func roles(_ marketplace: Marketplace, access: LiveStore) -> RefreshRoles {
        var settings = TestWorld.integration()
        settings.installationToken = .configured([
            "icfg_disabled": SecretBytes("a"), "icfg_healthy": SecretBytes("b"),
        ])
        let tokens = InstallationTokens(
            [settings], ring: TestWorld.ring, access: access, client: marketplace, TestWorld.observability)
        let integration = Integration(
            settings, publicOrigin: TestWorld.origin(), client: marketplace,
            keyAges: KeySetAges(TestWorld.observability), TestWorld.observability)
        return RefreshRoles(
            LookUpRole([integration], tokens: tokens, TestWorld.observability), access: access,
            lifetimes: SessionLifetimes(), TestWorld.observability)
    }

    private static func result(_ progress: RefreshRoles.Progress) async -> RefreshRoles.Result {
        switch progress {
        case .underWay(let flight): await flight.value
        case .resting(let result): result
        case .overtaken: .updated
        }
    }

    @Test func `without a token there is no look-up, and no new try for a while`() async {
        let marketplace = Marketplace()
        let roles = Self.roles(marketplace, access: TestWorld.access)
        let member = Self.member("icfg_unknown", 1)
        #expect(await Self.result(roles.begin(member) { false }) == .noToken)
        guard case .resting(.noToken) = roles.begin(member, unless: { false }) else {
            Issue.record("it does not rest")
            return
        }
        #expect(marketplace.lookups.withLock { $0.isEmpty })
    }

    @Test func `an installation whose token is refused does not block others`() async {
        let marketplace = Marketplace()
        let roles = Self.roles(marketplace, access: TestWorld.access)
        for user in 0..<3000 { _ = await Self.result(roles.begin(Self.member("icfg_disabled", user)) { false }) }
        #expect(marketplace.lookups.withLock { $0["icfg_disabled"] } == 3000)
        for user in 0..<3000 {
            guard case .resting(.unavailable) = roles.begin(Self.member("icfg_disabled", user), unless: { false })
            else {
                Issue.record("\(user) does not rest")
                return
            }
        }
        for user in 0..<100 {
            #expect(await Self.result(roles.begin(Self.member("icfg_healthy", user)) { false }) == .updated)
        }
    }

    @Test func `a role that was updated after the caller read the index needs no look-up`() async {
        let marketplace = Marketplace()
        let roles = Self.roles(marketplace, access: TestWorld.access)
        guard case .overtaken = roles.begin(Self.member("icfg_healthy", 1), unless: { true }) else {
            Issue.record("the member is looked up")
            return
        }
        #expect(marketplace.lookups.withLock { $0.isEmpty })
    }

    @Test func `an answer is in the index when the look-up ends`() async throws {
        let access = TestWorld.access
        let roles = Self.roles(Marketplace(), access: access)
        let session = TestWorld.session(role: .admin, at: TestWorld.now - 4000)
        let member = MemberKey(integration: "live", installationID: "icfg_healthy", userID: "u1")
        #expect(await Self.result(roles.begin(member) { false }) == .updated)
        let known = try #require(try await access.member(member))
        #expect(known.role == .user && known.checkedAt == TestWorld.now)
        // Another member's.
        #expect(access.index.standing(of: session) == .asIssued)
    }
}

import Gateway
import Marketplace
import Storage
import Testing

/// What every store promises, whoever makes it.
@Suite struct StoreTests {
    @Test func `numbers grow, and an older word changes nothing`() async throws {
        let store = MemoryStore()
        let member = MemberKey(integration: "live", installationID: "icfg_1", userID: "u")
        let first = store.write([.member(MemberState(member: member, role: .admin, checkedAt: 10, changedAt: 10_000))])
        #expect(first.map(\.number) == [1])
        #expect(
            store.write([.member(MemberState(member: member, role: .user, checkedAt: 11, changedAt: 9_999))]).isEmpty)
        #expect(store.member(member)?.role == .admin)
    }
}

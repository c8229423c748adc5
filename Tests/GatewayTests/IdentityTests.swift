import HTTP
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Storage
import Testing

@testable import Gateway

/// The keys of members: only integration, installation and user id distinguish people.
@Suite struct IdentityTests {
    private static func member(_ integration: String, _ installation: String, _ user: String) -> MemberKey {
        MemberKey(integration: integration, installationID: installation, userID: user)
    }

    private static func session(of member: MemberKey, email: String = "ada@example.test") -> Session {
        Session(
            id: SessionID(.secure), member: member, accountID: "feed", role: .admin, roleCheckedAt: TestWorld.now,
            name: "Ada",
            email: email, avatarURL: "", issuedAt: TestWorld.now, lastRenewed: TestWorld.now,
            expires: TestWorld.now + 3600)
    }

    /// A key with too few parts would let one person's change fall on another.
    @Test func `RT-56, RT-57: the state of a member is kept under integration, installation and user`() {
        let members = ["live", "sandbox"].flatMap { integration in
            ["icfg_1", "icfg_2"].flatMap { installation in
                ["a", "b"].map { Self.member(integration, installation, $0) }
            }
        }
        for removed in members {
            let index = LiveIndex(lifetimes: SessionLifetimes())
            let state = MemberState(
                member: removed, role: nil, checkedAt: TestWorld.now, changedAt: TestWorld.now * 1000)
            index.apply(StoreChange(number: 1, record: .member(state)), now: TestWorld.now, uptime: 0)
            for member in members {
                let isOver = index.standing(of: Self.session(of: member)) == .revoked
                #expect(isOver == (member == removed), "\(removed) \(member)")
            }
        }
    }

    /// `ab` with `c` is not `a` with `bc`.
    @Test func `RT-51: no byte moves from one part of a member's key to the next`() {
        let index = LiveIndex(lifetimes: SessionLifetimes())
        let state = MemberState(
            member: Self.member("live", "icfg_1", "23"), role: nil, checkedAt: TestWorld.now,
            changedAt: TestWorld.now * 1000)
        index.apply(StoreChange(number: 1, record: .member(state)), now: TestWorld.now, uptime: 0)
        for other in [("live", "icfg_12", "3"), ("livei", "cfg_1", "23"), ("live", "icfg_", "123")] {
            #expect(index.standing(of: Self.session(of: Self.member(other.0, other.1, other.2))) == .asIssued)
        }
    }

    @Test func `RT-56: an assertion made for one app or session is not handed to another`() {
        let allowed = AllowedResponses(
            IdentityHeaders(.authRequest), Assertions(TestWorld.ring, origin: TestWorld.origin()))
        let (ada, ben) = (TestWorld.live(TestWorld.session(user: "a")), TestWorld.live(TestWorld.session(user: "b")))
        let tokens = [(ada, "one.test"), (ada, "two.test"), (ben, "one.test"), (ben, "two.test")].map {
            allowed.response(.ok, for: $0.0, to: Array($0.1.utf8)[...], now: TestWorld.now).headers["X-SSO-Assertion"]
        }
        #expect(Set(tokens).count == 4)
    }

    /// There are no rules about e-mail addresses, so no spelling of one means anything.
    @Test(arguments: [
        "ada@example.test", "ADA@example.test", "ada@evil.test@example.test", "ada＠example.test",
        "ada@example.test,eve@evil.test", "ada+x@example.test", "\u{202e}tset.elpmaxe@ada",
    ])
    func `RT-63, RT-64: two people with one address are two people, however it is spelled`(_ address: String) {
        let index = LiveIndex(lifetimes: SessionLifetimes())
        let (one, other) = (Self.member("live", "icfg_1", "a"), Self.member("live", "icfg_1", "b"))
        let revocation = Revocation.of(.member(one), now: TestWorld.now, lifetimes: SessionLifetimes())
        index.apply(StoreChange(number: 1, record: .revocation(revocation)), now: TestWorld.now, uptime: 0)
        #expect(index.standing(of: Self.session(of: one, email: address)) == .revoked)
        #expect(index.standing(of: Self.session(of: other, email: address)) == .asIssued)
    }

    @Test func `RT-43: a million ids are a million`() {
        var seen: Set<SessionID> = []
        for _ in 0..<1_000_000 { seen.insert(SessionID(.secure)) }
        #expect(seen.count == 1_000_000)
    }
}

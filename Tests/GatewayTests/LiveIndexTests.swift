import Marketplace
import Testing

@testable import Gateway

/// What decisions know of revocations and members.
@Suite struct LiveIndexTests {
    private static let now = TestWorld.now

    private static func change(_ number: Int64, _ revocation: Revocation) -> StoreChange {
        StoreChange(number: number, record: .revocation(revocation))
    }

    private static func change(_ number: Int64, _ role: MemberRole?, of session: Session, checked: Int64) -> StoreChange
    {
        StoreChange(
            number: number,
            record: .member(
                MemberState(member: session.member, role: role, checkedAt: checked, changedAt: checked * 1000)))
    }

    @Test func `each scope ends the sessions it names, and no other`() {
        let (ada, ben) = (TestWorld.session(user: "ada"), TestWorld.session(user: "ben"))
        let sandbox = TestWorld.session(user: "ada", integration: "sandbox")
        let rows: [(Revocation.Scope, ended: [Session], living: [Session])] = [
            (.session(ada.id), [ada], [ben, sandbox, TestWorld.session(user: "ada")]),
            (.member(ada.member), [ada, TestWorld.session(user: "ada")], [ben, sandbox]),
            (.installation(ada.member.installation), [ada, ben], [sandbox]),
            (.everything, [ada, ben, sandbox], []),
        ]
        for (scope, ended, living) in rows {
            let index = LiveIndex(lifetimes: SessionLifetimes())
            index.apply(
                Self.change(1, .of(scope, now: Self.now, lifetimes: SessionLifetimes())), now: Self.now, uptime: 0)
            for session in ended { #expect(index.standing(of: session) == .revoked, "\(scope)") }
            for session in living { #expect(index.standing(of: session) == .asIssued, "\(scope)") }
            guard case .session = scope else {
                let later = TestWorld.session(user: "ada", at: Self.now + 1)
                #expect(index.standing(of: later) == .asIssued, "a login after \(scope)")
                continue
            }
        }
    }

    @Test func `a session that was opened before learns of every change at once`() {
        let session = TestWorld.session(user: "ada", role: .admin)
        let ends: [Revocation.Scope] = [
            .session(session.id), .member(session.member), .installation(session.member.installation), .everything,
        ]
        for scope in ends {
            let index = LiveIndex(lifetimes: SessionLifetimes())
            #expect(index.standing(of: session) == .asIssued)
            index.apply(Self.change(1, .user, of: session, checked: Self.now + 1), now: Self.now, uptime: 0)
            #expect(index.standing(of: session) == .role(.user, checkedAt: Self.now + 1))
            index.apply(Self.change(2, .admin, of: session, checked: Self.now + 2), now: Self.now, uptime: 0)
            #expect(index.standing(of: session) == .role(.admin, checkedAt: Self.now + 2))
            index.apply(
                Self.change(3, .of(scope, now: Self.now, lifetimes: SessionLifetimes())), now: Self.now, uptime: 0)
            #expect(index.standing(of: session) == .revoked, "\(scope)")
        }
    }

    /// A gateway whose clock is ahead signed the member in, or one whose clock is behind was told of the new role.
    @Test func `a lower role counts if it is older by no more than clocks differ, a higher one does not`() {
        for (issued, reported, age, counts) in [
            (MemberRole.admin, MemberRole.user, LiveStore.skew, true), (.admin, .user, LiveStore.skew + 1, false),
            (.user, .admin, 1, false), (.user, .admin, 0, true), (.user, .user, 1, false),
        ] {
            let session = TestWorld.session(user: "ada", role: issued)
            let index = LiveIndex(lifetimes: SessionLifetimes())
            let checked = session.roleCheckedAt - age
            index.apply(Self.change(1, reported, of: session, checked: checked), now: Self.now, uptime: 0)
            #expect(index.standing(of: session) == (counts ? .role(reported, checkedAt: checked) : .asIssued))
        }
    }

    /// RT-57: what is known of one is never another's, however their parts are cut.
    @Test func `RT-57 a role belongs to one member of one installation of one integration`() {
        let index = LiveIndex(lifetimes: SessionLifetimes())
        func session(_ integration: String, _ installation: String, _ user: String) -> Session {
            let any = TestWorld.session()
            return Session(
                id: SessionID(.secure),
                member: MemberKey(integration: integration, installationID: installation, userID: user),
                accountID: any.accountID, role: .user, roleCheckedAt: any.roleCheckedAt, name: any.name,
                email: any.email, avatarURL: "", issuedAt: any.issuedAt, lastRenewed: any.lastRenewed,
                expires: any.expires)
        }
        let known = session("live", "icfg_1", "23")
        index.apply(Self.change(1, .admin, of: known, checked: Self.now), now: Self.now, uptime: 0)
        #expect(index.standing(of: known) == .role(.admin, checkedAt: Self.now))
        for (integration, installation, user) in [
            ("live", "icfg_12", "3"), ("live", "icfg_", "123"), ("livei", "cfg_1", "23"), ("sandbox", "icfg_1", "23"),
            ("live", "icfg_2", "23"), ("live", "icfg_1", "24"), ("live", "23", "icfg_1"),
        ] {
            #expect(index.standing(of: session(integration, installation, user)) == .asIssued)
        }
    }

    @Test func `records in any order lead to the same`() {
        let session = TestWorld.session(role: .admin, at: Self.now - 100)
        var changes = [
            Self.change(1, .user, of: session, checked: Self.now - 50),
            Self.change(2, .admin, of: session, checked: Self.now - 40),
            Self.change(3, .user, of: session, checked: Self.now - 40),
        ]
        for _ in 0..<6 {
            changes.shuffle()
            let index = LiveIndex(lifetimes: SessionLifetimes())
            for change in changes { index.apply(change, now: Self.now, uptime: 0) }
            #expect(index.standing(of: session) == .role(.user, checkedAt: Self.now - 40))
        }
    }

    @Test func `a removed member has no session`() {
        let session = TestWorld.session(at: Self.now - 100)
        let index = LiveIndex(lifetimes: SessionLifetimes())
        index.apply(Self.change(1, nil, of: session, checked: Self.now), now: Self.now, uptime: 0)
        #expect(index.standing(of: session) == .revoked)
    }

    @Test(arguments: [1_000, 10_000, 100_000, 300_000])
    func `an index of any size loses no entry`(entries: Int) {
        let index = LiveIndex(lifetimes: SessionLifetimes())
        let sessions = (0..<entries).map { TestWorld.session(user: "\($0)") }
        for (number, session) in sessions.enumerated() {
            let change =
                number % 2 == 0
                ? Self.change(Int64(number), .of(session, now: Self.now))
                : Self.change(Int64(number), .admin, of: session, checked: Self.now)
            index.apply(change, now: Self.now, uptime: 0)
        }
        #expect(index.count == entries)
        for (number, session) in sessions.enumerated() where number.isMultiple(of: 101) {
            #expect(
                index.standing(of: session) == (number % 2 == 0 ? .revoked : .role(.admin, checkedAt: Self.now)))
        }
    }

    @Test(arguments: [1, 86_400, 10 * 365 * 86_400] as [Int64])
    func `RT-130: what was revoked stays revoked, however far ahead the clock is meanwhile`(_ ahead: Int64) {
        let session = TestWorld.session(role: .admin)
        let scopes: [Revocation.Scope] = [
            .session(session.id), .member(session.member), .installation(session.member.installation), .everything,
        ]
        for scope in scopes {
            let change = Self.change(1, .of(scope, now: Self.now, lifetimes: SessionLifetimes()))
            let index = LiveIndex(lifetimes: SessionLifetimes())
            // A gateway that starts now reads what was written before.
            index.apply(change, now: Self.now + ahead, uptime: 5)
            index.sweep(uptime: 5 + 8 * 3600 - 1)
            #expect(index.standing(of: session) == .revoked, "\(scope)")
        }
        let index = LiveIndex(lifetimes: SessionLifetimes())
        index.apply(Self.change(1, .user, of: session, checked: Self.now), now: Self.now + ahead, uptime: 5)
        index.sweep(uptime: 5 + 8 * 3600 - 1)
        #expect(index.standing(of: session) == .role(.user, checkedAt: Self.now))
    }

    @Test func `RT-130: a session that was opened before learns that an entry is gone`() {
        let session = TestWorld.session()
        let index = LiveIndex(lifetimes: SessionLifetimes())
        index.apply(Self.change(1, .admin, of: session, checked: Self.now), now: Self.now, uptime: 0)
        #expect(index.standing(of: session) == .role(.admin, checkedAt: Self.now))
        index.sweep(uptime: 8 * 3600)
        #expect(index.standing(of: session) == .asIssued)
    }

    @Test func `expired entries are forgotten`() {
        let index = LiveIndex(lifetimes: SessionLifetimes())
        for number in 0..<10_000 {
            let session = TestWorld.session(user: "\(number)")
            index.apply(Self.change(Int64(number), .of(session, now: Self.now)), now: Self.now, uptime: 0)
        }
        index.sweep(uptime: 8 * 3600 - 1)
        #expect(index.count == 10_000)
        index.sweep(uptime: 8 * 3600)
        #expect(index.count == 0)
    }
}

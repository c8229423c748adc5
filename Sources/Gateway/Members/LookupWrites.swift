import Marketplace

/// When a look-up was sent.
struct LookupTime: Sendable {
    /// Since 1970.
    let seconds: Int64
    /// Up to when sessions are over if the answer ends them: those issued later knew more than the answer.
    let revocation: Int64

    init(clock: Clock, index: LiveIndex) {
        seconds = clock.unixSeconds()
        revocation = index.revocationTime(now: seconds)
    }
}

/// What a look-up's answer means for what is stored.
extension MemberLookup.Outcome {
    /// A stable word for the answers that end somebody's access.
    var ending: String? {
        switch self {
        case .removed: "member_removed"
        case .installationGone: "installation_gone"
        case .member, .tokenRefused, .unavailable: nil
        }
    }

    /// Nothing where the answer says nothing about the person. What happened since it was asked for, at `asked`, is
    /// newer: a webhook, or a login with an answer of its own.
    func writes(about member: MemberKey, asked: LookupTime, lifetimes: SessionLifetimes) -> [StoreWrite] {
        func state(_ role: MemberRole?) -> StoreWrite {
            .member(
                MemberState(
                    member: member, role: role, checkedAt: asked.seconds,
                    changedAt: (asked.seconds - RefreshRoles.margin) * 1000))
        }
        func ended(_ scope: Revocation.Scope) -> StoreWrite {
            .revocation(.of(scope, now: asked.revocation, lifetimes: lifetimes))
        }
        return switch self {
        case .member(let role): [state(role)]
        case .removed: [state(nil), ended(.member(member))]
        case .installationGone: [ended(.installation(member.installation))]
        case .tokenRefused, .unavailable: []
        }
    }
}

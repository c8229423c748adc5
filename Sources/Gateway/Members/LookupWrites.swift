import Marketplace

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
    /// newer: a webhook, or a login with an answer of its own. In seconds since 1970.
    func writes(about member: MemberKey, asked: Int64, lifetimes: SessionLifetimes) -> [StoreWrite] {
        func state(_ role: MemberRole?) -> StoreWrite {
            .member(
                MemberState(
                    member: member, role: role, checkedAt: asked, changedAt: (asked - RefreshRoles.margin) * 1000))
        }
        func ended(_ scope: Revocation.Scope) -> StoreWrite {
            .revocation(.of(scope, now: asked, lifetimes: lifetimes))
        }
        return switch self {
        case .member(let role): [state(role)]
        case .removed: [state(nil), ended(.member(member))]
        case .installationGone: [ended(.installation(member.installation))]
        case .tokenRefused, .unavailable: []
        }
    }
}

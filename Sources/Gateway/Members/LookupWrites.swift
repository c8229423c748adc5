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

    /// Nothing where the answer says nothing about the person.
    func writes(about member: MemberKey, now: Int64, lifetimes: SessionLifetimes) -> [StoreWrite] {
        func state(_ role: MemberRole?) -> StoreWrite {
            .member(
                MemberState(
                    member: member, role: role, checkedAt: now, changedAt: (now - RefreshRoles.margin) * 1000))
        }
        func ended(_ scope: Revocation.Scope) -> StoreWrite {
            .revocation(.of(scope, now: now, lifetimes: lifetimes))
        }
        return switch self {
        case .member(let role): [state(role)]
        case .removed: [state(nil), ended(.member(member))]
        case .installationGone: [ended(.installation(member.installation))]
        case .tokenRefused, .unavailable: []
        }
    }
}

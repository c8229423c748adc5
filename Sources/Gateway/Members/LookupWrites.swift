import Marketplace

/// When a look-up was sent.
struct LookupTime: Sendable {
    /// Since 1970.
    let seconds: Int64
    /// The time of a revocation that follows from the answer.
    let revocation: Int64

    init(clock: Clock, index: LiveIndex) {
        seconds = clock.unixSeconds()
        revocation = index.revocationTime(now: seconds)
    }
}

/// Turns a look-up's answer into writes of the store.
extension MemberLookup.Outcome {
    /// A stable word for the answers that end a member's access; nil for the others.
    var ending: String? {
        switch self {
        case .removed: "member_removed"
        case .installationGone: "installation_gone"
        case .member, .tokenRefused, .unavailable: nil
        }
    }

    /// Empty where the answer says nothing about the member. The writes have the time of the request: a webhook since then is
    /// newer. A session that began since then ends too if the member was removed.
    func writes(about member: MemberKey, sentAt: LookupTime, lifetimes: SessionLifetimes) -> [StoreWrite] {
        func state(_ role: MemberRole?) -> StoreWrite {
            .member(
                MemberState(
                    member: member, role: role, checkedAt: sentAt.seconds,
                    changedAt: (sentAt.seconds - RefreshRoles.margin) * 1000))
        }
        func ended(_ scope: Revocation.Scope) -> StoreWrite {
            .revocation(.of(scope, now: sentAt.revocation, lifetimes: lifetimes))
        }
        return switch self {
        case .member(let role): [state(role)]
        case .removed: [state(nil), ended(.member(member))]
        case .installationGone: [ended(.installation(member.installation))]
        case .tokenRefused, .unavailable: []
        }
    }
}

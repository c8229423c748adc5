package import Marketplace

/// A member's role as the marketplace reported it last.
package struct MemberState: Sendable, Equatable {
    package let member: MemberKey
    /// Nil for a removed member. A `Revocation` beside it ends the sessions, so that a later login is decided by its own
    /// look-up.
    package var role: MemberRole?
    /// When the marketplace reported the role. In seconds since 1970, by our clock.
    package var checkedAt: Int64
    /// Orders the reports: a webhook's `createdAt`, or `RefreshRoles.margin` before a look-up, so that a difference of
    /// clocks cannot let an old answer win over a webhook. In milliseconds since 1970.
    package var changedAt: Int64

    package init(member: MemberKey, role: MemberRole?, checkedAt: Int64, changedAt: Int64) {
        self.member = member
        self.role = role
        self.checkedAt = checkedAt
        self.changedAt = changedAt
    }
}

extension MemberState {
    /// What replaces `stored` when this is reported; nil where nothing changes.
    package func merged(over stored: MemberState?) -> MemberState? {
        guard let stored else { return self }
        guard changedAt >= stored.changedAt else { return nil }
        var merged = self
        merged.checkedAt = max(checkedAt, stored.checkedAt)
        return merged == stored ? nil : merged
    }
}

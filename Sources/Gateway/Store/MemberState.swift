package import Marketplace

/// What is known of one member.
package struct MemberState: Sendable, Equatable {
    package let member: MemberKey
    /// Nil for somebody who is no member any more. The sessions are ended by a `Revocation` beside it, so that a later
    /// login is judged by itself.
    package var role: MemberRole?
    /// When the marketplace was last heard about this member. In seconds since 1970, by our clock.
    package var checkedAt: Int64
    /// Orders what is heard: a webhook's `createdAt`, or a little before the time of a look-up, so that clocks that
    /// differ cannot make an old answer win over a webhook. In milliseconds since 1970.
    package var changedAt: Int64

    package init(member: MemberKey, role: MemberRole?, checkedAt: Int64, changedAt: Int64) {
        self.member = member
        self.role = role
        self.checkedAt = checkedAt
        self.changedAt = changedAt
    }
}

extension MemberState {
    /// What is to be stored when this is heard and `stored` was known, or nil where nothing changes.
    package func merged(over stored: MemberState?) -> MemberState? {
        guard let stored else { return self }
        guard changedAt >= stored.changedAt else { return nil }
        var merged = self
        merged.checkedAt = max(checkedAt, stored.checkedAt)
        return merged == stored ? nil : merged
    }
}

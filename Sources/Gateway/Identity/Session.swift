package import Marketplace

/// What the gateway issues instead of the id_token, sealed into one cookie. Times in seconds since 1970.
package struct Session: Sendable, Equatable {
    package let id: SessionID
    package let member: MemberKey
    package let accountID: String
    package var role: MemberRole
    package var roleCheckedAt: Int64
    /// At most 128 bytes each; longer names are cut, longer addresses left out. No invisible characters: apps display both,
    /// and each of them would have to remove those itself.
    package let name: String
    package let email: String
    /// Empty where it would not fit.
    package let avatarURL: String
    package let issuedAt: Int64
    package var lastRenewed: Int64
    package let expires: Int64
}

extension Session {
    /// A new session of a verified member. `id` is new at every login. `issuedAt`: see `LiveIndex.issueTime`.
    init(
        id: SessionID, _ verified: VerifiedMember, role: MemberRole, now: Int64, issuedAt: Int64,
        lifetimes: SessionLifetimes
    ) {
        self.id = id
        member = verified.key
        accountID = verified.accountID
        self.role = role
        roleCheckedAt = now
        name = verified.name
        email = verified.email
        avatarURL = verified.avatarURL
        self.issuedAt = issuedAt
        lastRenewed = now
        expires = now + lifetimes.absolute
    }
}

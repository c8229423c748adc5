package import Marketplace
import Untrusted

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
    static let maximumTextLength = 128
    /// Of the avatar's address: a longer one cannot fit into the cookie. In bytes.
    static let maximumAddressLength = 1024

    /// A new session of a verified member. `id` is new at every login. `issuedAt`: see `LiveIndex.issueTime`.
    init(
        id: SessionID, integration: String, token: IDToken, role: MemberRole, now: Int64, issuedAt: Int64,
        lifetimes: SessionLifetimes
    ) {
        self.id = id
        member = MemberKey(integration: integration, installationID: token.installationID, userID: token.userID)
        accountID = token.accountID
        self.role = role
        roleCheckedAt = now
        name = Self.cut((token.name ?? "").visible)
        let address = token.email ?? ""
        // A cut or cleaned address would be another address.
        email = address.utf8.count <= Self.maximumTextLength && address.isVisible ? address : ""
        let avatar = token.avatarURL ?? ""
        avatarURL = avatar.utf8.count <= Self.maximumAddressLength && avatar.isVisible ? avatar : ""
        self.issuedAt = issuedAt
        lastRenewed = now
        expires = now + lifetimes.absolute
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumTextLength else { return text }
        var kept = ""
        for character in text {
            guard kept.utf8.count + character.utf8.count <= maximumTextLength - "…".utf8.count else { break }
            kept.append(character)
        }
        return kept + "…"
    }
}

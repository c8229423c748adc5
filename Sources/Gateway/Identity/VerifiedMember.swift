import Marketplace
import Untrusted

/// A member whom a verified id_token names.
struct VerifiedMember: Sendable, Equatable {
    let key: MemberKey
    let accountID: String
    /// The token's own, or a stricter one.
    var role: MemberRole
    /// This and the next two: as in `Session`.
    let name: String
    let email: String
    let avatarURL: String
}

extension VerifiedMember {
    static let maximumTextLength = 128
    /// Of the avatar's address: a longer one cannot fit into the cookie. In bytes.
    static let maximumAddressLength = 1024

    init(_ token: IDToken, integration: String) {
        key = MemberKey(integration: integration, installationID: token.installationID, userID: token.userID)
        accountID = token.accountID
        role = token.role
        name = Self.cut((token.name ?? "").visible)
        let address = token.email ?? ""
        // A cut or cleaned address would be another address.
        email = address.utf8.count <= Self.maximumTextLength && address.isVisible ? address : ""
        let avatar = token.avatarURL ?? ""
        avatarURL = avatar.utf8.count <= Self.maximumAddressLength && avatar.isVisible ? avatar : ""
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

/// The claims of an id_token whose signature, issuer, audience, times, type, subject and role have all been checked.
/// It has no maker but `IDTokenVerifier`.
///
/// Shapes: <https://vercel.com/docs/integrations/create-integration/marketplace-api/authentication>
package struct IDToken: Sendable, Equatable {
    /// The Vercel team behind the installation.
    package let accountID: String
    /// `icfg_…`
    package let installationID: String
    /// The person as this installation sees them. With the integration and the installation it is their only key.
    package let userID: String
    package let role: MemberRole
    package let email: String?
    package let name: String?
    package let avatarURL: String?
    /// In seconds since 1970.
    package let expiresAt: Int64

    init(
        accountID: String, installationID: String, userID: String, role: MemberRole, email: String?, name: String?,
        avatarURL: String?, expiresAt: Int64
    ) {
        self.accountID = accountID
        self.installationID = installationID
        self.userID = userID
        self.role = role
        self.email = email
        self.name = name
        self.avatarURL = avatarURL
        self.expiresAt = expiresAt
    }
}

import JOSE
package import SecretMemory

/// The claims of an id_token whose signature, issuer, audience, times, type, subject and role have all been checked.
/// Only `IDTokenVerifier` makes one.
///
/// Shapes: <https://vercel.com/docs/integrations/create-integration/marketplace-api/authentication>
package struct IDToken: Sendable, Equatable {
    /// The Vercel team of the installation.
    package let accountID: String
    /// `icfg_…`
    package let installationID: String
    /// The member, within the installation. Unique only together with the integration and the installation.
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

/// A received `id_token` that is not verified. Only `IDTokenVerifier` turns it into an `IDToken`.
package struct UnverifiedIDToken: Sendable {
    let jws: UnverifiedJWS

    /// Reads the compact serialisation: three parts, at most 16 KiB, a strict header.
    package init(_ compact: SecretBytes) throws(IDTokenRefusal) {
        do { jws = try UnverifiedJWS(compact) } catch { throw .malformed(error) }
    }
}

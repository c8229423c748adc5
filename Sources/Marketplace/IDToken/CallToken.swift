/// The checked claims of a token with which the marketplace calls the partner's API. Only `IDTokenVerifier` makes one.
///
/// <https://vercel.com/docs/integrations/create-integration/marketplace-api/authentication>
package enum CallToken: Sendable, Equatable {
    /// For a member who acts on the dashboard.
    case user(IDToken)
    /// For the marketplace itself. Both are nil before the installation exists.
    case system(accountID: String?, installationID: String?)

    /// Which token the call claims to have.
    package enum Kind: String, Sendable, CaseIterable {
        case user, system
    }

    package var kind: Kind {
        switch self {
        case .user: .user
        case .system: .system
        }
    }

    package var installationID: String? {
        switch self {
        case .user(let token): token.installationID
        case .system(_, let id): id
        }
    }

    package var accountID: String? {
        switch self {
        case .user(let token): token.accountID
        case .system(let id, _): id
        }
    }
}

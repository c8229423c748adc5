/// The claims of a token with which the marketplace calls the partner's API, all checked as an id_token's are. It has no
/// maker but `IDTokenVerifier`.
///
/// <https://vercel.com/docs/integrations/create-integration/marketplace-api/authentication>
package enum CallToken: Sendable, Equatable {
    /// Somebody did something on the dashboard.
    case user(IDToken)
    /// The marketplace itself. Neither is there before there is an installation.
    case system(accountID: String?, installationID: String?)

    /// For whom the marketplace says that it calls.
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

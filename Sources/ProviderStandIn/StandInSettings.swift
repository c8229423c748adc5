package import JOSE

/// The marketplace that a stand-in plays: integrations with their installations.
package struct StandInSettings: Sendable {
    /// A member of one installation.
    package struct Member: Sendable {
        /// Hexadecimal.
        package var userID: String
        /// `ADMIN` or `USER`.
        package var role: String
        package var name: String
        package var email: String?
        package var avatarURL: String?
        /// With one, look-ups show it and the e-mail address, as the marketplace does for integrations that may see
        /// them; without one they show neither.
        package var globalUserID: String?

        package init(
            userID: String, role: String, name: String, email: String? = nil, avatarURL: String? = nil,
            globalUserID: String? = nil
        ) {
            self.userID = userID
            self.role = role
            self.name = name
            self.email = email
            self.avatarURL = avatarURL
            self.globalUserID = globalUserID
        }
    }

    /// A provisioned resource, with the partner's id.
    package struct Resource: Sendable {
        package var id: String
        package var name: String
        package var product: String

        package init(id: String, name: String, product: String) {
            self.id = id
            self.name = name
            self.product = product
        }
    }

    package struct Installation: Sendable {
        /// `icfg_` and 24 letters or digits.
        package var id: String
        /// Hexadecimal.
        package var accountID: String
        package var accountName: String
        /// The bearer token of look-ups for this installation, in force from the start and without end.
        package var accessToken: String
        /// The first is the default.
        package var members: [Member]
        package var resources: [Resource]

        package init(
            id: String, accountID: String, accountName: String, accessToken: String, members: [Member],
            resources: [Resource] = []
        ) {
            self.id = id
            self.accountID = accountID
            self.accountName = accountName
            self.accessToken = accessToken
            self.members = members
            self.resources = resources
        }
    }

    package struct Integration: Sendable {
        package var clientID: String
        package var clientSecret: String
        package var slug: String
        /// Where the browser is sent with a code. A query in it is kept.
        package var redirectLoginURL: String
        /// Where the browser is sent to begin a standard login, whose callback is `/callback` below; nil for pushed codes.
        package var oidcLoginURL: String?
        /// The address for webhooks; nil for none.
        package var webhookURL: String?
        /// The Base URL of the partner's API, without a slash at its end; nil for none.
        package var partnerURL: String?
        /// The first is the default.
        package var installations: [Installation]

        package init(
            clientID: String, clientSecret: String, slug: String, redirectLoginURL: String,
            installations: [Installation]
        ) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.slug = slug
            self.redirectLoginURL = redirectLoginURL
            self.installations = installations
        }
    }

    /// The two documented answers of the token endpoint.
    package enum AnswerVariant: String, Sendable, CaseIterable {
        /// The id_token alone: `access_token` and `token_type` are null.
        case identityOnly = "identity_only"
        /// With an access token, a lifetime and a refresh token, which the token endpoint then takes, once each.
        case refreshable
    }

    /// The stand-in's public address without a slash at its end; nil takes each request's `Host`, for a port that is known
    /// only after the start.
    package var baseURL: String?
    /// Of the tokens it signs.
    package var issuer = "https://marketplace.vercel.com"
    package var integrations: [Integration]
    /// Of id_tokens. The marketplace's is RS256.
    package var algorithm = SignatureAlgorithm.rs256
    /// In seconds.
    package var codeLifetime: Int64 = 60
    /// Of id_tokens. In seconds.
    package var tokenLifetime: Int64 = 900
    /// Of installation tokens made by rotation. In seconds.
    package var installationTokenLifetime: Int64 = 3600
    package var answerVariant = AnswerVariant.identityOnly
    package var invoiceTimes = InvoiceTimes()
    /// The bearer token of a team, for purchases of credits.
    package var accountToken = "stand-in-account-token"
    /// The bearer token at the other vendor's checkout.
    package var checkoutToken = "stand-in-checkout-token"

    package init(integrations: [Integration]) { self.integrations = integrations }
}

extension StandInSettings.Integration {
    /// By its slug or its client id.
    func isNamed(_ name: String) -> Bool { slug == name || clientID == name }
}

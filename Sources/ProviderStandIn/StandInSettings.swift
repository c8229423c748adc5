/// What a stand-in pretends to be: the marketplace with a few integrations, each installed somewhere.
package struct StandInSettings: Sendable {
    package struct Member: Sendable {
        /// Hexadecimal.
        package var userID: String
        /// `ADMIN` or `USER`.
        package var role: String
        package var name: String
        package var email: String?
        package var avatarURL: String?

        package init(userID: String, role: String, name: String, email: String? = nil, avatarURL: String? = nil) {
            self.userID = userID
            self.role = role
            self.name = name
            self.email = email
            self.avatarURL = avatarURL
        }
    }

    package struct Resource: Sendable {
        package var id: String
        package var name: String
        package var product: String
    }

    package struct Installation: Sendable {
        /// `icfg_` and 24 letters or digits.
        package var id: String
        /// Hexadecimal.
        package var accountID: String
        package var accountName: String
        /// The bearer token of look-ups for this installation.
        package var accessToken: String
        package var members: [Member]
        package var resources: [Resource]
    }

    package struct Integration: Sendable {
        package var clientID: String
        package var clientSecret: String
        package var slug: String
        /// Where the browser is sent with a code.
        package var redirectLoginURL: String
        package var installations: [Installation]
    }

    /// Of the tokens it signs.
    package var issuer = "https://marketplace.vercel.com"
    package var integrations: [Integration]
    /// In seconds.
    package var codeLifetime: Int64 = 60
    /// In seconds.
    package var tokenLifetime: Int64 = 900

    package init(integrations: [Integration]) { self.integrations = integrations }

    /// One integration `acme` with an administrator and a read-only member, ready to try.
    package static func demonstration(redirectLoginURL: String) -> StandInSettings {
        StandInSettings(integrations: [
            Integration(
                clientID: "oac_AcmeDemonstration01", clientSecret: "stand-in-client-secret", slug: "acme",
                redirectLoginURL: redirectLoginURL,
                installations: [
                    Installation(
                        id: "icfg_AcmeAnalyticalEngines0001", accountID: "4b1d0c0de0000000a11ce000",
                        accountName: "Analytical Engines", accessToken: "stand-in-installation-token",
                        members: [
                            Member(
                                userID: "0ada0ada0ada0ada0ada0ada", role: "ADMIN", name: "Ada Lovelace",
                                email: "ada@analytical.example"),
                            Member(
                                userID: "0be40be40be40be40be40be4", role: "USER", name: "Ben Viewer",
                                email: "ben@analytical.example"),
                        ],
                        resources: [
                            Resource(id: "db_engine", name: "engine-database", product: "Acme Postgres"),
                            Resource(id: "kv_punchcards", name: "punchcards", product: "Acme Cache"),
                        ])
                ])
        ])
    }
}

extension StandInSettings {
    /// One integration `acme` with an administrator and a read-only member, ready to try.
    package static func demonstration(redirectLoginURL: String) -> StandInSettings {
        let installation = Installation(
            id: "icfg_AcmeAnalyticalEngines001", accountID: "4b1d0c0de0000000a11ce000",
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
        return StandInSettings(integrations: [
            Integration(
                clientID: "oac_AcmeDemonstration01", clientSecret: "stand-in-client-secret", slug: "acme",
                redirectLoginURL: redirectLoginURL, installations: [installation])
        ])
    }
}

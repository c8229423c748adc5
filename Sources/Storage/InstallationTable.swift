import Gateway

enum InstallationTable {
    private static let columns =
        """
        integration, installation_id, account_id, account_name, account_url, status, sealed_token, changed_at, region, change
        """

    static func find(_ key: InstallationKey, in connection: any StoreConnection) throws -> Installation? {
        try connection.rows(
            "SELECT \(columns) FROM installation WHERE integration = $1 AND installation_id = $2",
            [key.integration, key.installationID]
        ).first.map(value)
    }

    /// Those that are stored.
    static func find(_ keys: Set<InstallationKey>, in connection: any StoreConnection) throws
        -> [InstallationKey: Installation]
    {
        var found: [InstallationKey: Installation] = [:]
        for part in Array(keys).parts(of: Pairs.most) {
            let rows = try connection.rows(
                """
                SELECT \(columns) FROM installation
                WHERE (integration, installation_id) IN (VALUES \(Pairs.parameters(part.count)))
                """, part.flatMap { key -> [(any StoreValue)?] in [key.integration, key.installationID] })
            for row in rows {
                let installation = try value(row)
                found[installation.key] = installation
            }
        }
        return found
    }

    /// In the order of integration and id.
    static func all(in connection: any StoreConnection) throws -> [Installation] {
        // Sorted here: a database may order text by the rules of a language.
        try connection.rows("SELECT \(columns) FROM installation").map(value).sorted {
            ($0.key.integration, $0.key.installationID) < ($1.key.integration, $1.key.installationID)
        }
    }

    static func changes(_ range: ChangeRange, in connection: any StoreConnection) throws -> [StoreChange] {
        try connection.rows(
            "SELECT \(columns) FROM installation WHERE \(range.condition)", range.values
        ).map { StoreChange(number: try $0.at(9), record: .installation(try value($0))) }
    }

    static func put(_ value: Installation, _ number: Int64, in connection: any StoreConnection) throws {
        try connection.run(
            """
            INSERT INTO installation (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (integration, installation_id) DO UPDATE SET account_id = excluded.account_id,
                account_name = excluded.account_name, account_url = excluded.account_url, status = excluded.status,
                sealed_token = excluded.sealed_token, changed_at = excluded.changed_at, region = excluded.region,
                change = excluded.change
            """,
            [
                value.key.integration, value.key.installationID, value.accountID, value.accountName, value.accountURL,
                value.status.rawValue, value.sealedToken, value.changedAt, value.region, number,
            ])
    }

    /// In the order of `columns`.
    private static func value(_ row: StoreRow) throws -> Installation {
        guard let status = Installation.Status(rawValue: try row.at(5)) else {
            throw StoreError.unreadable("an installation's status")
        }
        return try Installation(
            key: InstallationKey(integration: row.at(0), installationID: row.at(1)), accountID: row.at(2),
            accountName: row.optional(3), accountURL: row.optional(4), status: status, sealedToken: row.at(6),
            changedAt: row.at(7), region: row.optional(8))
    }
}

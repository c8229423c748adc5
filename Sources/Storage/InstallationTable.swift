import GRDB
import Gateway

enum InstallationTable {
    private static let columns =
        "integration, installation_id, account_id, account_name, account_url, status, sealed_token, changed_at, change"

    static func find(_ key: InstallationKey, in database: Database) throws -> Installation? {
        try database.rows(
            "SELECT \(columns) FROM installation WHERE integration = ? AND installation_id = ?",
            [key.integration, key.installationID]
        ).first.map(value)
    }

    static func all(in database: Database) throws -> [Installation] {
        try database.rows("SELECT \(columns) FROM installation ORDER BY integration, installation_id").map(value)
    }

    static func changes(after number: Int64, in database: Database) throws -> ChangeCursor {
        let rows = try database.cursor("SELECT \(columns) FROM installation WHERE change > ? ORDER BY change", [number])
        return try ChangeCursor(rows, number: 8) { .installation(try value($0)) }
    }

    static func put(_ value: Installation, _ number: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT INTO installation (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (integration, installation_id) DO UPDATE SET account_id = excluded.account_id,
                account_name = excluded.account_name, account_url = excluded.account_url, status = excluded.status,
                sealed_token = excluded.sealed_token, changed_at = excluded.changed_at, change = excluded.change
            """,
            [
                value.key.integration, value.key.installationID, value.accountID, value.accountName, value.accountURL,
                value.status.rawValue, value.sealedToken, value.changedAt, number,
            ])
    }

    /// In the order of `columns`.
    private static func value(_ row: Row) throws -> Installation {
        guard let status = Installation.Status(rawValue: try row.at(5)) else {
            throw StoreError.unreadable("an installation's status")
        }
        return try Installation(
            key: InstallationKey(integration: row.at(0), installationID: row.at(1)), accountID: row.at(2),
            accountName: row.at(3),
            accountURL: row.at(4), status: status, sealedToken: row.at(6), changedAt: row.at(7))
    }
}

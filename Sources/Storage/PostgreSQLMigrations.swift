import Gateway
import PostgreSQLClient

/// Creates and migrates the tables, in one transaction. Gateways that start at the same time wait for each other.
enum PostgreSQLMigrations {
    /// Of the advisory lock: any number that other users of the database do not use.
    private static let lock = 8_317_985_001

    enum Duty: Sendable {
        /// Creates missing tables, and migrates older ones.
        case create
        /// Refuses tables of another version.
        case require
    }

    static func fulfil(_ duty: Duty, on connection: PostgreSQLConnection) throws(PostgreSQLError) {
        let current = try version(on: connection)
        if current == StoreMigrations.newest { return }
        guard case .create = duty else {
            throw .disconnected(
                "its tables are of version \(current), this program needs \(StoreMigrations.newest): start the gateway first"
            )
        }
        try migrate(connection)
    }

    private static func migrate(_ connection: PostgreSQLConnection) throws(PostgreSQLError) {
        try connection.execute("BEGIN; SELECT pg_advisory_xact_lock(\(lock))")
        do {
            let encoding = try connection.execute("SELECT current_setting('server_encoding')").rows
            guard encoding == [[.text("UTF8")]] else {
                throw UnusableStore("the database's encoding is not UTF8: create it with ENCODING 'UTF8'")
            }
            let current = try version(on: connection)
            try StoreMigrations.checkKnown(current)
            if current < StoreMigrations.newest {
                try StoreMigrations.apply(
                    from: current, to: StoreMigrations.newest, in: StatementRunner(connection: connection))
            }
            try connection.execute("COMMIT")
        } catch {
            throw .disconnected((error as? UnusableStore)?.reason ?? "the tables cannot be created: \(error)")
        }
    }

    /// 0 where there are no tables.
    static func version(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> Int {
        let tables = try connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_version'")
        guard !tables.rows.isEmpty else { return 0 }
        guard
            case .integer(let version)? = try connection.execute("SELECT version FROM schema_version").rows.first?.first
        else { return 0 }
        return Int(clamping: version)
    }
}

import GRDB

/// The migrations of the tables: each step is applied once, in one transaction with its version number.
enum StoreMigrations {
    static var newest: Int { steps.count }

    /// For SQLite and PostgreSQL. Never change a step that has been released.
    private static let steps: [[String]] = [
        [
            "CREATE TABLE change_sequence (number BIGINT NOT NULL)",
            "INSERT INTO change_sequence (number) VALUES (0)",
            """
            CREATE TABLE installation (
                integration TEXT NOT NULL, installation_id TEXT NOT NULL, account_id TEXT NOT NULL, account_name TEXT,
                account_url TEXT, status TEXT NOT NULL, sealed_token TEXT NOT NULL, changed_at BIGINT NOT NULL,
                change BIGINT NOT NULL, PRIMARY KEY (integration, installation_id))
            """,
            "CREATE INDEX installation_change ON installation (change)",
            """
            CREATE TABLE member (
                integration TEXT NOT NULL, installation_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT,
                checked_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, change BIGINT NOT NULL,
                PRIMARY KEY (integration, installation_id, user_id))
            """,
            "CREATE INDEX member_change ON member (change)",
            """
            CREATE TABLE revocation (
                scope TEXT NOT NULL, session_id TEXT NOT NULL, integration TEXT NOT NULL,
                installation_id TEXT NOT NULL, user_id TEXT NOT NULL, issued_up_to BIGINT NOT NULL,
                keep_until BIGINT NOT NULL, change BIGINT NOT NULL,
                PRIMARY KEY (scope, session_id, integration, installation_id, user_id))
            """,
            "CREATE INDEX revocation_change ON revocation (change)",
            """
            CREATE TABLE webhook (
                integration TEXT NOT NULL, webhook_id TEXT NOT NULL, keep_until BIGINT NOT NULL,
                PRIMARY KEY (integration, webhook_id))
            """,
            "CREATE TABLE code (mark TEXT NOT NULL PRIMARY KEY, session_id TEXT, keep_until BIGINT NOT NULL)",
        ],
        // For `forget`, once a minute.
        [
            "CREATE INDEX member_checked ON member (checked_at)",
            "CREATE INDEX revocation_keep ON revocation (keep_until)",
            "CREATE INDEX webhook_keep ON webhook (keep_until)",
            "CREATE INDEX code_keep ON code (keep_until)",
        ],
        ["ALTER TABLE installation ADD COLUMN region TEXT"],
    ]

    /// `keepOld` copies the file before its tables change; a new file has nothing to copy.
    static func apply(to version: Int, in database: Database, keepOld: () throws -> Void) throws {
        let current = try Self.version(in: database)
        try checkKnown(current)
        guard current < version else { return }
        if current > 0 { try keepOld() }
        try apply(from: current, to: version, in: SQLiteConnection(database: database))
    }

    /// The steps from one version to a later one.
    static func apply(from current: Int, to version: Int, in connection: any StoreConnection) throws {
        try connection.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)", [])
        for step in steps[current..<version] {
            for statement in step { try connection.run(statement, []) }
        }
        try connection.run("DELETE FROM schema_version", [])
        try connection.run("INSERT INTO schema_version (version) VALUES ($1)", [Int64(version)])
    }

    /// The version of the tables in a file; 0 for none.
    static func version(in database: Database) throws -> Int {
        guard try database.tableExists("schema_version") else { return 0 }
        return try version(in: SQLiteConnection(database: database))
    }

    /// Of tables that exist.
    static func version(in connection: any StoreConnection) throws -> Int {
        let version: Int64 = try connection.rows("SELECT version FROM schema_version").first?.at(0) ?? 0
        return Int(clamping: version)
    }

    static func checkKnown(_ version: Int) throws(UnusableStore) {
        guard version <= newest else {
            throw UnusableStore("its tables are of version \(version), this gateway knows \(newest): use a newer one")
        }
        guard version >= 0 else { throw UnusableStore("its tables are of version \(version), which never existed") }
    }
}

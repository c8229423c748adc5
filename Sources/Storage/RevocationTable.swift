import GRDB
import Gateway

enum RevocationTable {
    private static let keys = "scope, session_id, integration, installation_id, user_id"
    private static let columns = keys + ", issued_up_to, keep_until, change"

    static func find(_ scope: Revocation.Scope, in database: Database) throws -> Revocation? {
        try database.rows(
            """
            SELECT \(columns) FROM revocation
            WHERE scope = ? AND session_id = ? AND integration = ? AND installation_id = ? AND user_id = ?
            """, key(scope)
        ).first.map(value)
    }

    static func changes(after number: Int64, in database: Database) throws -> ChangeCursor {
        let rows = try database.cursor("SELECT \(columns) FROM revocation WHERE change > ? ORDER BY change", [number])
        return try ChangeCursor(rows, number: 7) { .revocation(try value($0)) }
    }

    static func put(_ revocation: Revocation, _ number: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT INTO revocation (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (\(keys)) DO UPDATE SET issued_up_to = excluded.issued_up_to,
                keep_until = excluded.keep_until, change = excluded.change
            """, key(revocation.scope) + [revocation.issuedUpTo, revocation.until, number])
    }

    /// Empty text where a scope has no such part: NULL in a key would equal nothing.
    private static func key(_ scope: Revocation.Scope) -> [(any DatabaseValueConvertible)?] {
        switch scope {
        case .session(let id): ["session", id.text, "", "", ""]
        case .member(let member): ["member", "", member.integration, member.installationID, member.userID]
        case .installation(let key): ["installation", "", key.integration, key.installationID, ""]
        case .everything: ["everything", "", "", "", ""]
        }
    }

    /// In the order of `columns`.
    private static func value(_ row: Row) throws -> Revocation {
        let scope: Revocation.Scope
        switch try row.at(0) as String {
        case "session":
            guard let id = SessionID(text: try row.at(1)) else { throw StoreError.unreadable("a session's id") }
            scope = .session(id)
        case "member":
            scope = try .member(MemberKey(integration: row.at(2), installationID: row.at(3), userID: row.at(4)))
        case "installation":
            scope = try .installation(InstallationKey(integration: row.at(2), installationID: row.at(3)))
        case "everything": scope = .everything
        default: throw StoreError.unreadable("a revocation's scope")
        }
        return try Revocation(scope: scope, issuedUpTo: row.at(5), until: row.at(6))
    }
}

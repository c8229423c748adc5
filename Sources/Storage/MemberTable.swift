import GRDB
import Gateway
import Marketplace

enum MemberTable {
    private static let columns = "integration, installation_id, user_id, role, checked_at, changed_at, change"

    static func find(_ key: MemberKey, in database: Database) throws -> MemberState? {
        try database.rows(
            "SELECT \(columns) FROM member WHERE integration = ? AND installation_id = ? AND user_id = ?",
            [key.integration, key.installationID, key.userID]
        ).first.map(value)
    }

    static func changes(after number: Int64, in database: Database) throws -> ChangeCursor {
        let rows = try database.cursor("SELECT \(columns) FROM member WHERE change > ? ORDER BY change", [number])
        return try ChangeCursor(rows, number: 6) { .member(try value($0)) }
    }

    static func put(_ state: MemberState, _ number: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT INTO member (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (integration, installation_id, user_id) DO UPDATE SET role = excluded.role,
                checked_at = excluded.checked_at, changed_at = excluded.changed_at, change = excluded.change
            """,
            [
                state.member.integration, state.member.installationID, state.member.userID, state.role?.rawValue,
                state.checkedAt, state.changedAt, number,
            ])
    }

    /// In the order of `columns`.
    private static func value(_ row: Row) throws -> MemberState {
        let text: String? = try row.at(3)
        let role = text.flatMap(MemberRole.init)
        // An unknown role means neither removed nor member.
        guard (text == nil) == (role == nil) else { throw StoreError.unreadable("a member's role") }
        return try MemberState(
            member: MemberKey(integration: row.at(0), installationID: row.at(1), userID: row.at(2)), role: role,
            checkedAt: row.at(4), changedAt: row.at(5))
    }
}

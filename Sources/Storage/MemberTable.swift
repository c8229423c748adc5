import Gateway
import Marketplace

enum MemberTable {
    private static let columns = "integration, installation_id, user_id, role, checked_at, changed_at, change"

    static func find(_ key: MemberKey, in connection: any StoreConnection) throws -> MemberState? {
        try connection.rows(
            "SELECT \(columns) FROM member WHERE integration = $1 AND installation_id = $2 AND user_id = $3",
            [key.integration, key.installationID, key.userID]
        ).first.map(value)
    }

    static func changes(_ range: ChangeRange, in connection: any StoreConnection) throws -> [StoreChange] {
        try connection.rows(
            "SELECT \(columns) FROM member WHERE \(range.condition)", range.values
        ).map { StoreChange(number: try $0.at(6), record: .member(try value($0))) }
    }

    static func put(_ state: MemberState, _ number: Int64, in connection: any StoreConnection) throws {
        try connection.run(
            """
            INSERT INTO member (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (integration, installation_id, user_id) DO UPDATE SET role = excluded.role,
                checked_at = excluded.checked_at, changed_at = excluded.changed_at, change = excluded.change
            """,
            [
                state.member.integration, state.member.installationID, state.member.userID, state.role?.rawValue,
                state.checkedAt, state.changedAt, number,
            ])
    }

    /// In the order of `columns`.
    private static func value(_ row: StoreRow) throws -> MemberState {
        let text: String? = try row.optional(3)
        let role = text.flatMap(MemberRole.init)
        // An unknown role means neither removed nor member.
        guard (text == nil) == (role == nil) else { throw StoreError.unreadable("a member's role") }
        return try MemberState(
            member: MemberKey(integration: row.at(0), installationID: row.at(1), userID: row.at(2)), role: role,
            checkedAt: row.at(4), changedAt: row.at(5))
    }
}

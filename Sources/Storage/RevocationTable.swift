import Gateway

enum RevocationTable {
    private static let keys = "scope, session_id, integration, installation_id, user_id"
    private static let columns = keys + ", issued_up_to, keep_until, change"

    static func find(_ scope: Revocation.Scope, in connection: any StoreConnection) throws -> Revocation? {
        try connection.rows(
            """
            SELECT \(columns) FROM revocation
            WHERE scope = $1 AND session_id = $2 AND integration = $3 AND installation_id = $4 AND user_id = $5
            """, key(scope)
        ).first.map(value)
    }

    static func changes(_ range: ChangeRange, in connection: any StoreConnection) throws -> [StoreChange] {
        try connection.rows(
            "SELECT \(columns) FROM revocation WHERE \(range.condition)", range.values
        ).map { StoreChange(number: try $0.at(7), record: .revocation(try value($0))) }
    }

    static func put(_ revocation: Revocation, _ number: Int64, in connection: any StoreConnection) throws {
        try connection.run(
            """
            INSERT INTO revocation (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (\(keys)) DO UPDATE SET issued_up_to = excluded.issued_up_to,
                keep_until = excluded.keep_until, change = excluded.change
            """, key(revocation.scope) + [revocation.issuedUpTo, revocation.until, number])
    }

    /// Empty text where a scope has no such part: NULL in a key would equal nothing.
    private static func key(_ scope: Revocation.Scope) -> [(any StoreValue)?] {
        switch scope {
        case .session(let id): ["session", id.text, "", "", ""]
        case .member(let member): ["member", "", member.integration, member.installationID, member.userID]
        case .installation(let key): ["installation", "", key.integration, key.installationID, ""]
        case .everything: ["everything", "", "", "", ""]
        }
    }

    /// In the order of `columns`.
    private static func value(_ row: StoreRow) throws -> Revocation {
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

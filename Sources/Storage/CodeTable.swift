import Gateway

/// A code to be entered. See `Store.enter`.
struct CodeEntry: Sendable {
    let code: CodeDigest
    let now: Int64
    let until: Int64
}

/// The result of a code. See `Store.complete`.
struct CodeResult: Sendable {
    let code: CodeDigest
    let session: SessionID?
}

enum CodeTable {
    /// Stored instead of a session's id for a code without a session. NULL: the login is not finished.
    private static let noSession = ""

    /// The states of the codes, in their order.
    static func enter(_ entries: [CodeEntry], in connection: any StoreConnection) throws -> [CodeLedgerEntry] {
        // In the same order in every gateway: two that insert the same codes must not wait for each other.
        let sorted = entries.indices.sorted { (entries[$0].code.text, $0) < (entries[$1].code.text, $1) }
        var added: Set<String> = []
        for part in sorted.map({ entries[$0] }).parts(of: Pairs.most) {
            let rows = try connection.rows(
                """
                INSERT INTO code (mark, keep_until) VALUES \(Pairs.parameters(part.count))
                ON CONFLICT (mark) DO NOTHING RETURNING mark
                """, part.flatMap { entry -> [(any StoreValue)?] in [entry.code.text, entry.until] })
            for row in rows { added.insert(try row.at(0)) }
        }
        var answers = [CodeLedgerEntry](repeating: .first, count: entries.count)
        for index in sorted {
            // The first of equal codes in a group is the one that was added.
            if added.remove(entries[index].code.text) == nil {
                answers[index] = try known(entries[index], in: connection)
            }
        }
        return answers
    }

    /// `also`: what PostgreSQL does in the same statement.
    static func complete(_ results: [CodeResult], also: String = "", in connection: any StoreConnection) throws {
        for part in results.parts(of: Pairs.most) {
            try connection.run(
                """
                UPDATE code SET session_id = result.column2 FROM (VALUES \(Pairs.parameters(part.count))) AS result\(also)
                WHERE code.mark = result.column1
                """,
                part.flatMap { result -> [(any StoreValue)?] in [result.code.text, result.session?.text ?? noSession] })
        }
    }

    /// The state of a stored code, which is entered anew where it has expired.
    private static func known(_ entry: CodeEntry, in connection: any StoreConnection) throws -> CodeLedgerEntry {
        let renewed = try connection.run(
            "UPDATE code SET keep_until = $1, session_id = NULL WHERE mark = $2 AND keep_until <= $3",
            [entry.until, entry.code.text, entry.now])
        if renewed == 1 { return .first }
        let rows = try connection.rows("SELECT session_id, keep_until FROM code WHERE mark = $1", [entry.code.text])
        // Deleted just now, because it had expired.
        guard let row = rows.first else { return .spent }
        guard let text: String = try row.optional(0) else { return .unfinished(keptUntil: try row.at(1)) }
        if text == noSession { return .spent }
        guard let session = SessionID(text: text) else { throw StoreError.unreadable("a session's id") }
        return .usedFor(session)
    }
}

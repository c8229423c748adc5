import GRDB
import Gateway

enum CodeTable {
    /// Stored instead of a session's id for a code without a session. NULL: the login is not finished.
    private static let noSession = ""

    static func enter(_ code: CodeDigest, now: Int64, until: Int64, in database: Database) throws -> CodeLedgerEntry {
        try database.run("DELETE FROM code WHERE mark = ? AND keep_until <= ?", [code.text, now])
        try database.run(
            "INSERT INTO code (mark, keep_until) VALUES (?, ?) ON CONFLICT (mark) DO NOTHING", [code.text, until])
        if database.changesCount == 1 { return .first }
        let rows = try database.rows("SELECT session_id, keep_until FROM code WHERE mark = ?", [code.text])
        guard let row = rows.first else { throw StoreError.unreadable("a code's row") }
        guard let text: String = try row.at(0) else { return .unfinished(keptUntil: try row.at(1)) }
        if text == noSession { return .spent }
        guard let session = SessionID(text: text) else { throw StoreError.unreadable("a session's id") }
        return .usedFor(session)
    }

    static func complete(_ code: CodeDigest, with session: SessionID?, in database: Database) throws {
        try database.run("UPDATE code SET session_id = ? WHERE mark = ?", [session?.text ?? noSession, code.text])
    }
}

package import Gateway

/// A call of the code ledger.
package enum LedgerCall: Sendable {
    /// See `Store.enter`.
    case enter(CodeDigest, now: Int64, until: Int64)
    /// See `Store.complete`.
    case complete(CodeDigest, with: SessionID?)
}

enum CodeTable {
    /// Stored instead of a session's id for a code without a session. NULL: the login is not finished.
    private static let noSession = ""
    /// Limits the number of statements that a connection keeps.
    private static let largestStatement = 32

    /// The answers to `calls`, in their order; nil for a `complete`. Two statements for many codes: each statement costs a
    /// round trip.
    static func answer(_ calls: [LedgerCall], in connection: any StoreConnection) throws -> [CodeLedgerEntry?] {
        var entries: [(call: Int, code: CodeDigest, now: Int64, until: Int64)] = []
        var results: [(code: CodeDigest, session: SessionID?)] = []
        for (index, call) in calls.enumerated() {
            switch call {
            case .enter(let code, let now, let until): entries.append((index, code, now, until))
            case .complete(let code, let session): results.append((code, session))
            }
        }
        // In the same order in every gateway: two that insert the same codes must not wait for each other.
        entries.sort { ($0.code.text, $0.call) < ($1.code.text, $1.call) }
        var answers = [CodeLedgerEntry?](repeating: nil, count: calls.count)
        var added: Set<String> = []
        for part in entries.parts(of: largestStatement) {
            let rows = try connection.rows(
                """
                INSERT INTO code (mark, keep_until) VALUES \(parameters(part.count))
                ON CONFLICT (mark) DO NOTHING RETURNING mark
                """, part.flatMap { entry -> [(any StoreValue)?] in [entry.code.text, entry.until] })
            for row in rows { added.insert(try row.at(0)) }
        }
        for entry in entries {
            // The first of equal codes in a group is the one that was added.
            answers[entry.call] =
                added.remove(entry.code.text) != nil
                ? .first : try known(entry.code, now: entry.now, until: entry.until, in: connection)
        }
        for part in results.parts(of: largestStatement) {
            try connection.run(
                """
                UPDATE code SET session_id = result.column2 FROM (VALUES \(parameters(part.count))) AS result
                WHERE code.mark = result.column1
                """,
                part.flatMap { result -> [(any StoreValue)?] in [result.code.text, result.session?.text ?? noSession] })
        }
        return answers
    }

    /// The state of a stored code, which is entered anew where it has expired.
    private static func known(_ code: CodeDigest, now: Int64, until: Int64, in connection: any StoreConnection) throws
        -> CodeLedgerEntry
    {
        let renewed = try connection.run(
            "UPDATE code SET keep_until = $1, session_id = NULL WHERE mark = $2 AND keep_until <= $3",
            [until, code.text, now])
        if renewed == 1 { return .first }
        let rows = try connection.rows("SELECT session_id, keep_until FROM code WHERE mark = $1", [code.text])
        // Deleted just now, because it had expired.
        guard let row = rows.first else { return .spent }
        guard let text: String = try row.optional(0) else { return .unfinished(keptUntil: try row.at(1)) }
        if text == noSession { return .spent }
        guard let session = SessionID(text: text) else { throw StoreError.unreadable("a session's id") }
        return .usedFor(session)
    }

    /// `($1, $2), ($3, $4), …`
    private static func parameters(_ pairs: Int) -> String {
        (0..<pairs).map { "($\(2 * $0 + 1), $\(2 * $0 + 2))" }.joined(separator: ", ")
    }
}

extension Array {
    fileprivate func parts(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

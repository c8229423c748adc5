import Gateway

/// Applies writes of every kind in one transaction, and reads later changes.
enum StoreTables {
    static let names = ["installation", "member", "revocation", "webhook", "code"]

    static func apply(_ writes: [StoreWrite], in connection: any StoreConnection) throws -> [StoreChange] {
        if writes.isEmpty { return [] }
        let count = Int64(writes.count)
        let last = try number(
            connection.rows("UPDATE change_sequence SET number = number + $1 RETURNING number", [count]))
        return try zip(last - count + 1...last, writes).compactMap { number, write in
            try apply(write, number, in: connection).map { StoreChange(number: number, record: $0) }
        }
    }

    /// The number of the last change.
    static func newest(in connection: any StoreConnection) throws -> Int64 {
        try number(connection.rows("SELECT number FROM change_sequence"))
    }

    static func changes(after number: Int64, limit: Int, in connection: any StoreConnection) throws -> [StoreChange] {
        let highest = try newest(in: connection)
        if highest < number { return try changes(after: 0, limit: limit, in: connection) }
        guard highest > number else { return [] }
        // The last number of this page; nil if it holds everything.
        let last: Int64? =
            // Each record has a number of its own, so most looks need no page.
            if highest - number > Int64(limit) {
                try connection.rows(
                    """
                    SELECT change FROM (SELECT change FROM installation WHERE change > $1
                        UNION ALL SELECT change FROM member WHERE change > $2
                        UNION ALL SELECT change FROM revocation WHERE change > $3) AS changed
                    ORDER BY change LIMIT 1 OFFSET $4
                    """, [number, number, number, Int64(limit) - 1]
                ).first?.at(0)
            } else { nil }
        let range = ChangeRange(after: number, upTo: last)
        let changes =
            try InstallationTable.changes(range, in: connection)
            + MemberTable.changes(range, in: connection)
            + RevocationTable.changes(range, in: connection)
        return changes.sorted { $0.number < $1.number }
    }

    /// Deletes what `Store.forget` names.
    static func forget(now: Int64, membersCheckedBefore: Int64, in connection: any StoreConnection) throws {
        for table in ["revocation", "webhook", "code"] {
            try connection.run("DELETE FROM \(table) WHERE keep_until <= $1", [now])
        }
        try connection.run("DELETE FROM member WHERE checked_at < $1", [membersCheckedBefore])
    }

    private static func number(_ rows: [StoreRow]) throws(StoreError) -> Int64 {
        guard let row = rows.first else { throw .unreadable("no change number") }
        return try row.at(0)
    }

    /// Nil where nothing changes.
    private static func apply(_ write: StoreWrite, _ number: Int64, in connection: any StoreConnection) throws
        -> StoreChange.Record?
    {
        switch write {
        case .installation(let key, let update):
            let stored = try InstallationTable.find(key, in: connection)
            guard let updated = update(stored), updated != stored else { return nil }
            try InstallationTable.put(updated, number, in: connection)
            return .installation(updated)
        case .member(let state):
            let stored = try MemberTable.find(state.member, in: connection)
            guard let merged = state.merged(over: stored) else { return nil }
            try MemberTable.put(merged, number, in: connection)
            return .member(merged)
        case .revocation(let revocation):
            let stored = try RevocationTable.find(revocation.scope, in: connection)
            let widened = stored?.widened(by: revocation) ?? revocation
            guard widened != stored else { return nil }
            try RevocationTable.put(widened, number, in: connection)
            return .revocation(widened)
        }
    }
}

/// A condition for the numbers of changes.
struct ChangeRange {
    let condition: String
    let values: [(any StoreValue)?]

    /// Without an end where `last` is nil: in a damaged file a number may be a text, which is above every number, and must
    /// be found.
    init(after number: Int64, upTo last: Int64?) {
        condition = last == nil ? "change > $1" : "change > $1 AND change <= $2"
        values = [number] + (last.map { [$0] } ?? [])
    }
}

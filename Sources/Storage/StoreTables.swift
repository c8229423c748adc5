import GRDB
import Gateway

/// Applies writes of every kind in one transaction, and reads later changes.
enum StoreTables {
    static let names = ["installation", "member", "revocation", "webhook", "code"]

    static func apply(_ writes: [StoreWrite], in database: Database) throws -> [StoreChange] {
        if writes.isEmpty { return [] }
        // The first statement locks the counter's row: with row locks, writers wait here for each other, so that numbers
        // grow in the order of commits.
        try database.execute(sql: "UPDATE change_sequence SET number = number + ?", arguments: [writes.count])
        let last = try number(in: database)
        return try zip(last - Int64(writes.count) + 1...last, writes).compactMap { number, write in
            try apply(write, number, in: database).map { StoreChange(number: number, record: $0) }
        }
    }

    static func changes(after number: Int64, limit: Int, in database: Database) throws -> [StoreChange] {
        guard try Self.number(in: database) > number else { return [] }
        var tables = [
            try InstallationTable.changes(after: number, in: database),
            try MemberTable.changes(after: number, in: database),
            try RevocationTable.changes(after: number, in: database),
        ]
        var changes: [StoreChange] = []
        while changes.count < limit {
            var first: (table: Int, number: Int64)?
            for (table, cursor) in tables.enumerated() {
                if let number = cursor.head?.number, number < first?.number ?? .max { first = (table, number) }
            }
            guard let first, let change = try tables[first.table].next() else { break }
            changes.append(change)
        }
        return changes
    }

    private static func number(in database: Database) throws -> Int64 {
        guard let row = try database.rows("SELECT number FROM change_sequence").first else {
            throw StoreError.unreadable("no change number")
        }
        return try row.at(0)
    }

    /// Nil where nothing changes.
    private static func apply(_ write: StoreWrite, _ number: Int64, in database: Database) throws
        -> StoreChange.Record?
    {
        switch write {
        case .installation(let key, let update):
            let stored = try InstallationTable.find(key, in: database)
            guard let updated = update(stored), updated != stored else { return nil }
            try InstallationTable.put(updated, number, in: database)
            return .installation(updated)
        case .member(let state):
            guard let merged = state.merged(over: try MemberTable.find(state.member, in: database)) else { return nil }
            try MemberTable.put(merged, number, in: database)
            return .member(merged)
        case .revocation(let revocation):
            let stored = try RevocationTable.find(revocation.scope, in: database)
            let widened = stored?.widened(by: revocation) ?? revocation
            guard widened != stored else { return nil }
            try RevocationTable.put(widened, number, in: database)
            return .revocation(widened)
        }
    }
}

extension Database {
    /// With a cached prepared statement.
    func run(_ statement: String, _ values: [(any DatabaseValueConvertible)?]) throws {
        try cachedStatement(sql: statement).execute(arguments: arguments(values))
    }

    func rows(_ statement: String, _ values: [(any DatabaseValueConvertible)?] = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: statement), arguments: arguments(values))
    }

    /// Each row is valid until the next one is read.
    func cursor(_ statement: String, _ values: [(any DatabaseValueConvertible)?]) throws -> RowCursor {
        try Row.fetchCursor(cachedStatement(sql: statement), arguments: arguments(values))
    }

    /// Databases end a text at its first NUL, so two keys could become equal.
    private func arguments(_ values: [(any DatabaseValueConvertible)?]) throws -> StatementArguments {
        guard !values.contains(where: { ($0 as? String)?.utf8.contains(0) == true }) else {
            throw StoreError.unstorable("text with a NUL byte")
        }
        return StatementArguments(values)
    }
}

extension Row {
    /// The value in a column of the result. GRDB's subscript would stop the process where a damaged file has a value of another
    /// type, and its fast decoding would read any text as the number 0.
    func at<Value: DatabaseValueConvertible>(_ column: Int) throws -> Value {
        let stored: DatabaseValue = self[column]
        guard let value = Value.fromDatabaseValue(stored) else {
            throw StoreError.unreadable("a value of another type than its column")
        }
        return value
    }
}

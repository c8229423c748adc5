import GRDB
import Gateway

/// A connection of GRDB.
struct SQLiteConnection: StoreConnection {
    let database: Database

    func run(_ statement: String, _ values: [(any StoreValue)?]) throws -> Int {
        try database.cachedStatement(sql: statement).execute(arguments: arguments(values))
        return database.changesCount
    }

    func rows(_ statement: String, _ values: [(any StoreValue)?]) throws -> [StoreRow] {
        try Row.fetchAll(database.cachedStatement(sql: statement), arguments: arguments(values)).map { row in
            // GRDB's own decoding would stop the process at a damaged value, or read any text as the number 0.
            StoreRow(
                try row.databaseValues.map { value in
                    switch value.storage {
                    case .null: nil
                    case .int64(let number): number
                    case .string(let text): text
                    case .double, .blob: throw StoreError.unreadable("a value of another type than its column")
                    }
                })
        }
    }

    private func arguments(_ values: [(any StoreValue)?]) throws -> StatementArguments {
        try values.checkStorable()
        return StatementArguments(values.map { $0 as? any DatabaseValueConvertible })
    }
}

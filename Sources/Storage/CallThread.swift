import Gateway
import PostgreSQLClient

/// How a group of calls runs in PostgreSQL.
enum Isolation: Sendable {
    /// Each statement commits by itself.
    case none
    /// All statements see the same state.
    case snapshot
    /// Writers wait for each other at the counter's row, so that numbers grow in the order of commits.
    case locked

    /// Sent in one round trip. The time limits end what a gateway began that is cut off from the server: otherwise its lock
    /// would last for as long as the server waits for a dead connection. In milliseconds.
    var begin: String? {
        let limits = "SET LOCAL idle_in_transaction_session_timeout = 5000; SET LOCAL statement_timeout = 5000"
        return switch self {
        case .none: nil
        case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \(limits)"
        case .locked: "BEGIN ISOLATION LEVEL READ COMMITTED; \(limits); SELECT number FROM change_sequence FOR UPDATE"
        }
    }
}

/// Runs one kind of calls on a connection's thread.
struct CallThread<Call: Sendable, Answer: Sendable>: ConnectionWork {
    private let groups: CallGroups<Call, Answer>
    private let isolation: Isolation
    private let tables: PostgreSQLMigrations.Duty?
    private let onNotification: @Sendable () -> Void

    init(
        _ groups: CallGroups<Call, Answer>, _ isolation: Isolation, tables: PostgreSQLMigrations.Duty? = nil,
        onNotification: @escaping @Sendable () -> Void = {}
    ) {
        self.groups = groups
        self.isolation = isolation
        self.tables = tables
        self.onNotification = onNotification
    }

    func begin(on connection: PostgreSQLConnection) throws(PostgreSQLError) {
        if let tables { try PostgreSQLMigrations.fulfil(tables, on: connection) }
        if case .snapshot = isolation { try connection.execute("LISTEN \(PostgreSQLStore.channel)") }
    }

    func runNext(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> Bool {
        guard groups.isWaiting() else { return false }
        // Before the calls are taken: if the connection has broken, they wait for the next one.
        do throws(PostgreSQLError) { try open(connection) } catch {
            switch error {
            case .disconnected: break
            // The lock was not there in time: calls that came late may still wait.
            case .refused(code: "57014", let why), .refused(code: "55P03", let why): groups.fail(.unavailable(why))
            case .refused: groups.failAll(.unavailable("\(error)"))
            }
            throw error
        }
        var isOpen = true
        var broken: PostgreSQLError?
        let more = groups.runNext { _, body throws(StoreError) in
            do {
                if !isOpen { try open(connection) }
                isOpen = false
                try body(StatementRunner(connection: connection))
                try commit(connection)
            } catch {
                throw failure(error, &broken, connection)
            }
        }
        if isOpen { try rollBack(connection) }
        if let broken { throw broken }
        return more
    }

    func notified() { onNotification() }

    func isDisconnected(_ reason: String) { groups.fail(.unavailable(reason)) }

    private func open(_ connection: PostgreSQLConnection) throws(PostgreSQLError) {
        if let begin = isolation.begin { try connection.execute(begin) }
    }

    private func commit(_ connection: PostgreSQLConnection) throws(PostgreSQLError) {
        guard isolation.begin != nil else { return }
        let result = try connection.execute("COMMIT")
        // The server answers so, and reports no error, where a statement before failed.
        guard result.command == "COMMIT" else { throw .refused(code: "25P02", "the transaction had failed") }
    }

    private func rollBack(_ connection: PostgreSQLConnection) throws(PostgreSQLError) {
        if isolation.begin != nil { try connection.execute("ROLLBACK") }
    }

    /// The calls' failure. Sets `broken` where the connection cannot be used any more.
    private func failure(
        _ error: any Error, _ broken: inout PostgreSQLError?, _ connection: PostgreSQLConnection
    ) -> StoreError {
        var failure = error as? StoreError ?? .unavailable("\(error)")
        switch error as? PostgreSQLError {
        case .disconnected(let why)?: broken = .disconnected(why)
        // The server has become a standby, or is shutting down.
        case .refused(let code, let why)? where ["25006", "57P01", "57P02", "57P03"].contains(code):
            broken = .disconnected(why)
        case .refused?, nil:
            do throws(PostgreSQLError) { try rollBack(connection) } catch { broken = error }
        }
        if let broken { failure = .unavailable("\(broken)") }
        return failure
    }
}

/// Runs the tables' statements.
struct StatementRunner: StoreConnection {
    let connection: PostgreSQLConnection

    func run(_ statement: String, _ values: [(any StoreValue)?]) throws -> Int {
        try connection.execute(statement, texts(values)).count
    }

    func rows(_ statement: String, _ values: [(any StoreValue)?]) throws -> [StoreRow] {
        try connection.execute(statement, texts(values)).rows.map { row in
            StoreRow(
                try row.map { value in
                    switch value {
                    case .null: nil
                    case .integer(let number): number
                    case .text(let text): text
                    case .other: throw StoreError.unreadable("a value of another type than its column")
                    }
                })
        }
    }

    private func texts(_ values: [(any StoreValue)?]) throws(StoreError) -> [String?] {
        try values.checkStorable()
        return values.map { $0.map { "\($0)" } }
    }
}

import GRDB
package import Gateway

/// A call of the code ledger. Both kinds share a group, because the file has one writer.
private enum LedgerCall: Sendable {
    case enter(CodeEntry)
    case complete(CodeResult)

    /// The answers to `calls`, in their order; nil for a `complete`.
    static func answer(_ calls: [LedgerCall], in connection: any StoreConnection) throws -> [CodeLedgerEntry?] {
        var entries: [(call: Int, entry: CodeEntry)] = []
        var results: [CodeResult] = []
        for (index, call) in calls.enumerated() {
            switch call {
            case .enter(let entry): entries.append((index, entry))
            case .complete(let result): results.append(result)
            }
        }
        var answers = [CodeLedgerEntry?](repeating: nil, count: calls.count)
        for ((call, _), state) in zip(entries, try CodeTable.enter(entries.map(\.entry), in: connection)) {
            answers[call] = state
        }
        try CodeTable.complete(results, in: connection)
        return answers
    }
}

/// A store in one file of this machine, for one or several gateway processes. SQLite with a write-ahead log.
///
/// A killed process loses nothing that was acknowledged. A power failure loses at most the last codes: after it, the
/// marketplace still refuses a code that was exchanged. All other commits return when the disk has them
/// (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
package final class SQLiteStore: DatabaseStore {
    let pool: DatabasePool
    private let codes = CallGroups<LedgerCall, CodeLedgerEntry?>(LedgerCall.answer)
    private let changes = CallGroups<StoreWork, Void>.inOrder()
    private let reads = CallGroups<StoreWork, Void>.inOrder()
    private let path: String
    private let identities: [SQLiteFile.Identity?]
    private let patience: Duration

    /// Opens or creates the file and migrates its tables, after a copy to `PATH.before-VERSION`. `SQLiteFile` lists the
    /// refused files.
    package convenience init(path: String) throws(UnusableStore) {
        try self.init(path: path, migratingTo: StoreMigrations.newest)
    }

    /// `patience`: how long a call waits for other calls and for another process's lock, both together.
    init(path: String, migratingTo version: Int, patience: Duration = StorePatience.whole) throws(UnusableStore) {
        try SQLiteFile.prepare(path)
        self.path = path
        self.patience = patience
        do {
            var configuration = Configuration()
            configuration.busyMode = .callback { tries in CallDeadline.mayWait(tries: tries, patience: patience) }
            configuration.maximumReaderCount = 2
            pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { try Self.sync($0, .everyCommit) }
            try pool.write { database in
                try StoreMigrations.apply(to: version, in: database) {
                    try StoreCopy.replace("\(path).before-\(version)", withCopyOf: path)
                }
            }
            identities = Self.identities(path)
        } catch let error as UnusableStore {
            throw error
        } catch {
            throw UnusableStore("\(path): \(Self.message(of: error))")
        }
    }

    package func changeSignals() -> AsyncStream<Void> {
        AsyncStream { try? await Task.sleep(for: .milliseconds(250)) }
    }

    package func enter(_ code: CodeDigest, now: Int64, until: Int64) async throws(StoreError) -> CodeLedgerEntry {
        guard let entry = try await ledger(.enter(CodeEntry(code: code, now: now, until: until))) else {
            throw .unavailable("no result")
        }
        return entry
    }

    package func complete(_ code: CodeDigest, with session: SessionID?) async throws(StoreError) {
        _ = try await ledger(.complete(CodeResult(code: code, session: session)))
    }

    package func forget(now: Int64, membersCheckedBefore: Int64) async throws(StoreError) {
        try await change { try StoreTables.forget(now: now, membersCheckedBefore: membersCheckedBefore, in: $0) }
    }

    package func close() async {
        // SQLite checkpoints at the close of the last connection only. A backup that copies the file alone is then complete, also while
        // another gateway has it open. After a failure the log keeps everything.
        if (try? checkPlace()) != nil {
            _ = try? await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        }
        try? closeNow()
    }

    func closeNow() throws { try pool.close() }

    private func ledger(_ call: LedgerCall) async throws(StoreError) -> CodeLedgerEntry? {
        try checkPlace()
        return try await codes.answer(to: call, patience: patience) { runNext(codes, syncing: .checkpoints) }
    }

    package func change<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
    {
        try checkPlace()
        return try await changes.result(of: body, as: { $0 }, patience: patience) {
            runNext(changes, syncing: .everyCommit)
        }
    }

    package func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
    {
        try checkPlace()
        return try await reads.result(of: body, as: { $0 }, patience: patience) { runNextRead() }
    }

    /// In SQLite every reader sees one state.
    package func follow<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
    {
        try await read(body)
    }

    /// Runs one group of calls in a transaction, and goes to the end of the queue for the next: so neither kind of call waits
    /// for all of the other kind.
    private func runNext<Call, Answer>(_ groups: CallGroups<Call, Answer>, syncing: Syncing) {
        pool.asyncWriteWithoutTransaction { [self] database in
            let more = groups.runNext { deadline, body throws(StoreError) in
                do {
                    try Self.sync(database, syncing)
                    try CallDeadline(until: deadline).hold {
                        // Takes the only write lock at once, so that its reads stay valid until the commit.
                        try database.inTransaction(.immediate) {
                            try body(SQLiteConnection(database: database))
                            return .commit
                        }
                    }
                } catch {
                    throw Self.failure(error)
                }
            }
            if more { runNext(groups, syncing: syncing) }
        }
    }

    /// What waits for the disk.
    private enum Syncing: String {
        case everyCommit = "FULL"
        case checkpoints = "NORMAL"
    }

    private static func sync(_ database: Database, _ syncing: Syncing) throws {
        try database.execute(sql: "PRAGMA synchronous = \(syncing.rawValue)")
    }

    private func runNextRead() {
        pool.asyncRead { [self] opened in
            let more = reads.runNext { deadline, body throws(StoreError) in
                do {
                    let connection = SQLiteConnection(database: try opened.get())
                    try CallDeadline(until: deadline).hold { try body(connection) }
                } catch {
                    throw Self.failure(error)
                }
            }
            if more { runNextRead() }
        }
    }

    /// A deleted or replaced file can still be written, but no process would read it again. SQLite itself deletes the
    /// write-ahead log of a truncated file.
    private func checkPlace() throws(StoreError) {
        guard Self.identities(path) == identities else {
            throw .unavailable("its file was taken away or replaced: restart the gateway")
        }
    }

    private static func identities(_ path: String) -> [SQLiteFile.Identity?] {
        [path, path + "-wal"].map(SQLiteFile.identity)
    }

    private static func failure(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .unreadable(message(of: error))
        case .SQLITE_MISUSE: return .closed
        default: return .unavailable(message(of: error))
        }
    }

    /// Without the statement and its values: GRDB's own description has them.
    static func message(of error: any Error) -> String {
        if let error = error as? StoreError { return error.description }
        if let error = error as? UnusableStore { return error.description }
        if let error = error as? StoreCopy.Failure { return error.description }
        guard let error = error as? DatabaseError else { return "\(type(of: error))" }
        return "\(error.resultCode.rawValue) \(error.message ?? "")"
    }
}

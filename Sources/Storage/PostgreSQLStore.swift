package import Gateway
package import PostgreSQLClient

/// A call that need not wait for the disk.
private enum OtherCall: Sendable {
    case installation(InstallationKey)
    case complete(CodeResult)
    case work(StoreWork)

    /// The commit of this statement does not wait for the disk. For this statement only: a pooler lends the connection to others
    /// (<https://www.postgresql.org/docs/15/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT>).
    private static let withoutSync =
        ", (SELECT set_config('synchronous_commit', 'off', true) AS value) AS setting"

    /// The answers to `calls`, in their order; nil but for a stored installation.
    static func answer(_ calls: [OtherCall], in connection: any StoreConnection) throws -> [Installation?] {
        var keys: Set<InstallationKey> = []
        var results: [CodeResult] = []
        for call in calls {
            switch call {
            case .installation(let key): keys.insert(key)
            case .complete(let result): results.append(result)
            case .work(let work): try work(connection)
            }
        }
        let installations = try InstallationTable.find(keys, in: connection)
        try CodeTable.complete(results, also: withoutSync, in: connection)
        return calls.map { call in
            if case .installation(let key) = call { installations[key] } else { nil }
        }
    }
}

/// A store in a PostgreSQL database, for gateways on many machines.
///
/// Four connections, so that no kind of call waits for another kind: entering codes, changes, following the changes of other
/// gateways, and the other calls, which need not wait for the disk.
package final class PostgreSQLStore: DatabaseStore {
    /// How often changes are read without a notification: a lost one is made good within a second, also on a busy machine.
    static let interval: Duration = .milliseconds(500)

    private let codes = CallGroups<CodeEntry, CodeLedgerEntry>(CodeTable.enter)
    private let changes = CallGroups<StoreWork, Void> { calls, connection in
        for call in calls { try call(connection) }
        // Sent with the commit.
        try connection.run("SELECT pg_notify($1, '')", [PostgreSQLStore.channel])
        return calls.map { _ in }
    }
    private let others = CallGroups<OtherCall, Installation?>(OtherCall.answer)
    private let following = CallGroups<StoreWork, Void>.inOrder()
    private let threads: Threads
    private let signals: AsyncStream<Void>

    private struct Threads: Sendable {
        let codes: ConnectionThread
        let changes: ConnectionThread
        let others: ConnectionThread
        let following: ConnectionThread

        var all: [ConnectionThread] { [codes, changes, others, following] }
    }

    static let channel = "sso_gateway_changes"

    /// Connects, and creates or migrates the tables; with `createsTables` false it requires those of this version.
    /// `password` is read for each connection; nil for the address's own.
    package init(
        _ address: PostgreSQLAddress, createsTables: Bool = true,
        password: @escaping @Sendable () throws -> String? = { nil }
    ) throws(UnusableStore) {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        var started: [ConnectionThread] = []
        func start(_ work: any ConnectionWork) throws(PostgreSQLError) -> ConnectionThread {
            let thread = try ConnectionThread(address, password: password, work)
            started.append(thread)
            return thread
        }
        do throws(PostgreSQLError) {
            // Its connection makes the tables before the others use them.
            let first = try start(CallThread(changes, .locked, tables: createsTables ? .create : .require))
            threads = Threads(
                codes: try start(CallThread(codes, .none)), changes: first,
                others: try start(CallThread(others, .none)),
                following: try start(CallThread(following, .snapshot) { continuation.yield() }))
        } catch {
            for thread in started { thread.stop() }
            throw UnusableStore("\(address): \(error)")
        }
    }

    /// After each notification, and after each `interval` without one.
    package func changeSignals() -> AsyncStream<Void> {
        let (merged, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let signals = signals
        let tasks = [
            Task { for await _ in signals { continuation.yield() } },
            Task {
                while (try? await Task.sleep(for: Self.interval)) != nil { continuation.yield() }
            },
        ]
        continuation.onTermination = { _ in for task in tasks { task.cancel() } }
        return merged
    }

    package func change<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
    {
        try await result(in: changes, threads.changes, body)
    }

    package func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
    {
        try await others.result(of: body, as: OtherCall.work, patience: StorePatience.whole) { threads.others.wake() }
    }

    package func follow<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
    {
        try await result(in: following, threads.following, body)
    }

    /// Logins that are under way at the same time share a statement.
    package func installation(_ key: InstallationKey) async throws(StoreError) -> Installation? {
        try await others.answer(to: .installation(key), patience: StorePatience.whole) { threads.others.wake() }
    }

    package func enter(_ code: CodeDigest, now: Int64, until: Int64) async throws(StoreError) -> CodeLedgerEntry {
        let entry = CodeEntry(code: code, now: now, until: until)
        return try await codes.answer(to: entry, patience: StorePatience.whole) { threads.codes.wake() }
    }

    package func complete(_ code: CodeDigest, with session: SessionID?) async throws(StoreError) {
        let call = OtherCall.complete(CodeResult(code: code, session: session))
        _ = try await others.answer(to: call, patience: StorePatience.whole) { threads.others.wake() }
    }

    package func forget(now: Int64, membersCheckedBefore: Int64) async throws(StoreError) {
        for table in ["revocation", "webhook", "code"] {
            try await delete(from: table, where: "keep_until <= $1", now)
        }
        try await delete(from: "member", where: "checked_at < $1", membersCheckedBefore)
    }

    /// In pieces, so that other calls need not wait for a large deletion. Rows that are being written are left for the next time.
    private func delete(from table: String, where condition: String, _ value: Int64) async throws(StoreError) {
        let piece = 1000
        var deleted = piece
        while deleted == piece {
            deleted = try await read { connection in
                try connection.run(
                    """
                    DELETE FROM \(table) WHERE \(condition) AND ctid = ANY (ARRAY(
                        SELECT ctid FROM \(table) WHERE \(condition) LIMIT \(piece) FOR UPDATE SKIP LOCKED))
                    """, [value])
            }
        }
    }

    package func close() async {
        for thread in threads.all { thread.stop() }
        codes.close()
        others.close()
        for groups in [changes, following] { groups.close() }
    }

    private func result<Result: Sendable>(
        in groups: CallGroups<StoreWork, Void>, _ thread: ConnectionThread,
        _ body: @escaping @Sendable (any StoreConnection) throws -> Result
    ) async throws(StoreError) -> Result {
        try await groups.result(of: body, as: { $0 }, patience: StorePatience.whole) { thread.wake() }
    }
}

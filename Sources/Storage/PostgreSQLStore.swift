package import Gateway
package import PostgreSQLClient

/// A store in a PostgreSQL database, for gateways on many machines.
///
/// Four connections, so that no kind of call waits for another kind: codes, changes, reading, and following the changes of
/// other gateways.
package final class PostgreSQLStore: DatabaseStore {
    /// How often changes are read without a notification: a lost one is made good within a second.
    static let interval: Duration = .milliseconds(750)

    private let codes = CallGroups(CodeTable.answer)
    private let changes = CallGroups<StoreWork, Void> { calls, connection in
        for call in calls { try call(connection) }
        // Sent with the commit.
        try connection.run("SELECT pg_notify($1, '')", [PostgreSQLStore.channel])
        return calls.map { _ in }
    }
    private let reads = CallGroups<StoreWork, Void>.inOrder()
    private let following = CallGroups<StoreWork, Void>.inOrder()
    private let threads: Threads
    private let signals: AsyncStream<Void>

    private struct Threads: Sendable {
        let codes: ConnectionThread
        let changes: ConnectionThread
        let reads: ConnectionThread
        let following: ConnectionThread

        var all: [ConnectionThread] { [codes, changes, reads, following] }
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
                reads: try start(CallThread(reads, .none)),
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
        try await result(in: reads, threads.reads, body)
    }

    package func follow<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
    {
        try await result(in: following, threads.following, body)
    }

    package func answer(to call: LedgerCall) async throws(StoreError) -> CodeLedgerEntry? {
        try await codes.answer(to: call, patience: StorePatience.whole) { threads.codes.wake() }
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
        for groups in [changes, reads, following] { groups.close() }
    }

    private func result<Result: Sendable>(
        in groups: CallGroups<StoreWork, Void>, _ thread: ConnectionThread,
        _ body: @escaping @Sendable (any StoreConnection) throws -> Result
    ) async throws(StoreError) -> Result {
        try await groups.result(of: body, patience: StorePatience.whole) { thread.wake() }
    }
}

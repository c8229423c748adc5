package import Gateway

/// A store whose calls are the statements of the tables. A database says how these run, and how its code ledger does.
package protocol DatabaseStore: Store {
    /// Runs `body` in a transaction that may write. It may run more than once.
    func change<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result

    /// Runs `body`, which only reads. It may run more than once.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result

    /// Runs `body`, which reads the changes of all gateways: all its statements must see the same state.
    func follow<Result: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> Result)
        async throws(StoreError) -> Result
}

extension DatabaseStore {
    package var isShared: Bool { true }

    @discardableResult
    package func write(_ writes: [StoreWrite]) async throws(StoreError) -> [StoreChange] {
        try await change { try StoreTables.apply(writes, in: $0) }
    }

    package func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) async throws(StoreError)
        -> [StoreChange]?
    {
        try await change { connection in
            guard try WebhookTable.remember(webhook, in: connection) else { return nil }
            return try StoreTables.apply(writes, in: connection)
        }
    }

    package func installation(_ key: InstallationKey) async throws(StoreError) -> Installation? {
        try await read { try InstallationTable.find(key, in: $0) }
    }

    package func installations() async throws(StoreError) -> [Installation] {
        try await read { try InstallationTable.all(in: $0) }
    }

    package func member(_ key: MemberKey) async throws(StoreError) -> MemberState? {
        try await read { try MemberTable.find(key, in: $0) }
    }

    package func changes(after number: Int64, limit: Int) async throws(StoreError) -> [StoreChange] {
        try await follow { try StoreTables.changes(after: number, limit: limit, in: $0) }
    }
}

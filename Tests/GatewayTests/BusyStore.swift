import Locking
import Storage

@testable import Gateway

/// A store to which another process writes just before a write.
struct BusyStore: Store {
    let inner: MemoryStore
    /// Runs once.
    let beforeWrite = Locked<(@Sendable (MemoryStore) -> Void)?>(nil)

    init(_ inner: MemoryStore) { self.inner = inner }

    var isShared: Bool { true }
    func changeSignals() -> AsyncStream<Void> { AsyncStream { try? await Task.sleep(for: .milliseconds(250)) } }

    func write(_ writes: [StoreWrite]) async throws(StoreError) -> [StoreChange] {
        let other = beforeWrite.withLock { next in
            defer { next = nil }
            return next
        }
        other?(inner)
        return inner.write(writes)
    }

    func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) async throws(StoreError) -> [StoreChange]? {
        inner.receive(webhook, writing: writes)
    }
    func installation(_ key: InstallationKey) async throws(StoreError) -> Installation? { inner.installation(key) }
    func installations() async throws(StoreError) -> [Installation] { inner.installations() }
    func member(_ key: MemberKey) async throws(StoreError) -> MemberState? { inner.member(key) }
    func changes(after number: Int64, limit: Int) async throws(StoreError) -> [StoreChange] {
        inner.changes(after: number, limit: limit)
    }
    func enter(_ code: CodeDigest, now: Int64, until: Int64) async throws(StoreError) -> CodeLedgerEntry {
        inner.enter(code, now: now, until: until)
    }
    func complete(_ code: CodeDigest, with session: SessionID?) async throws(StoreError) {
        inner.complete(code, with: session)
    }
    func forget(now: Int64, membersCheckedBefore: Int64) async throws(StoreError) {
        inner.forget(now: now, membersCheckedBefore: membersCheckedBefore)
    }
    func close() async { inner.close() }
}

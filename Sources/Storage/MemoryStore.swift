package import Gateway
import Locking

/// A store in memory: for trials, and for a single gateway that may lose its data in a restart.
package final class MemoryStore: Store {
    private struct Content {
        var number: Int64 = 0
        var installations: [InstallationKey: (number: Int64, value: Installation)] = [:]
        var members: [MemberKey: (number: Int64, value: MemberState)] = [:]
        var revocations: [Revocation.Scope: (number: Int64, value: Revocation)] = [:]
        var webhooks: [WebhookKey: Int64] = [:]
        var codes: [CodeDigest: (result: CodeLedgerEntry?, until: Int64)] = [:]
    }

    private struct WebhookKey: Hashable {
        let integration: String
        let id: String
    }

    private let content = Locked(Content())

    package init() {}

    package var isShared: Bool { false }

    package func changeSignals() -> AsyncStream<Void> { AsyncStream { $0.finish() } }

    @discardableResult
    package func write(_ writes: [StoreWrite]) -> [StoreChange] {
        content.withLock { content in writes.compactMap { Self.apply($0, to: &content) } }
    }

    package func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) -> [StoreChange]? {
        content.withLock { content in
            let key = WebhookKey(integration: webhook.integration, id: webhook.id)
            guard content.webhooks[key] == nil else { return nil }
            content.webhooks[key] = webhook.until
            return writes.compactMap { Self.apply($0, to: &content) }
        }
    }

    package func installation(_ key: InstallationKey) -> Installation? {
        content.withLock { $0.installations[key]?.value }
    }

    package func installations() -> [Installation] {
        content.withLock { $0.installations.values.map(\.value) }.sorted {
            ($0.key.integration, $0.key.installationID) < ($1.key.integration, $1.key.installationID)
        }
    }

    package func member(_ key: MemberKey) -> MemberState? { content.withLock { $0.members[key]?.value } }

    package func changes(after number: Int64, limit: Int) -> [StoreChange] {
        content.withLock { content in
            guard content.number > number else { return [] }
            let changes =
                content.installations.values.map { StoreChange(number: $0.number, record: .installation($0.value)) }
                + content.members.values.map { StoreChange(number: $0.number, record: .member($0.value)) }
                + content.revocations.values.map { StoreChange(number: $0.number, record: .revocation($0.value)) }
            return Array(changes.filter { $0.number > number }.sorted { $0.number < $1.number }.prefix(limit))
        }
    }

    package func enter(_ code: CodeDigest, now: Int64, until: Int64) -> CodeLedgerEntry {
        content.withLock { content in
            if let known = content.codes[code], known.until > now {
                return known.result ?? .unfinished(keptUntil: known.until)
            }
            content.codes[code] = (nil, until)
            return .first
        }
    }

    package func complete(_ code: CodeDigest, with session: SessionID?) {
        content.withLock { content in content.codes[code]?.result = session.map { .usedFor($0) } ?? .spent }
    }

    package func forget(now: Int64, membersCheckedBefore: Int64) {
        content.withLock { content in
            content.revocations = content.revocations.filter { $0.value.value.until > now }
            content.webhooks = content.webhooks.filter { $0.value > now }
            content.codes = content.codes.filter { $0.value.until > now }
            content.members = content.members.filter { $0.value.value.checkedAt >= membersCheckedBefore }
        }
    }

    package func close() {}

    private static func apply(_ write: StoreWrite, to content: inout Content) -> StoreChange? {
        let number = content.number + 1
        let record: StoreChange.Record
        switch write {
        case .installation(let key, let update):
            let stored = content.installations[key]?.value
            guard let updated = update(stored), updated != stored else { return nil }
            content.installations[key] = (number, updated)
            record = .installation(updated)
        case .member(let state):
            let stored = content.members[state.member]?.value
            guard let merged = state.merged(over: stored) else { return nil }
            content.members[state.member] = (number, merged)
            record = .member(merged)
        case .revocation(let revocation):
            let stored = content.revocations[revocation.scope]?.value
            let widened = stored?.widened(by: revocation) ?? revocation
            guard widened != stored else { return nil }
            content.revocations[revocation.scope] = (number, widened)
            record = .revocation(widened)
        }
        content.number = number
        return StoreChange(number: number, record: record)
    }
}

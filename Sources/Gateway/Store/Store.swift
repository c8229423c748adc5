/// What outlives a request: installations, members' roles, revocations, seen webhooks and used codes.
///
/// Every call that writes is one transaction. It returns when the result would survive the loss of the process and, with a
/// store on disk, of the machine's power. After an error it is unknown whether a write took effect, so all of them may be
/// repeated. Decisions never read a store: see `LiveIndex`.
package protocol Store: Sendable {
    /// Whether the data outlives the process or other processes write it: then codes are entered here and not in memory,
    /// and changes are followed.
    var isShared: Bool { get }

    /// Applies `writes` in their order, in one transaction. Returns the records that became different, as they are now
    /// and with their new numbers; a write that was older than what is stored changes nothing and is left out.
    @discardableResult
    func write(_ writes: [StoreWrite]) async throws(StoreError) -> [StoreChange]

    /// Applies `writes` and stores the webhook's id in one transaction. Nil, and nothing written, for one already seen.
    func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) async throws(StoreError) -> [StoreChange]?

    func installation(_ key: InstallationKey) async throws(StoreError) -> Installation?

    /// In the order of integration and id.
    func installations() async throws(StoreError) -> [Installation]

    func member(_ key: MemberKey) async throws(StoreError) -> MemberState?

    /// Yields when there may be changes of other processes: often enough for a revocation to be known within a second.
    /// Only for one reader.
    func changeSignals() -> AsyncStream<Void>

    /// Records whose number is above `number`, as they are now, in the order of their numbers, at most `limit` of them.
    /// Fewer than `limit` mean that nothing is newer; `after: 0` reads everything. A record that was changed twice comes
    /// once. Numbers grow by commit: after a number was answered here, no lower one is committed. The exception is a store
    /// that lost its last changes and is now behind `number`: it answers as `after: 0`, with lower numbers.
    func changes(after number: Int64, limit: Int) async throws(StoreError) -> [StoreChange]

    /// Enters an unknown code. Exactly one of any number of callers, in any process, gets `.first`; the others get the
    /// code's state. The entry expires at `until`, in seconds since 1970.
    func enter(_ code: CodeDigest, now: Int64, until: Int64) async throws(StoreError) -> CodeLedgerEntry

    /// Stores which session an entered code made; nil for none. A code that is not entered stays unknown. The result need not
    /// survive the machine: a code without one stays used.
    func complete(_ code: CodeDigest, with session: SessionID?) async throws(StoreError)

    /// Deletes revocations, webhook ids and codes that have expired at `now`, and member states last checked before
    /// `membersCheckedBefore`. Both in seconds since 1970. Deletions get no numbers: they change no decision.
    func forget(now: Int64, membersCheckedBefore: Int64) async throws(StoreError)

    /// Closes files and connections. Later calls throw `.closed`.
    func close() async
}

/// Why a call of a store failed.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case closed
    /// Busy for too long, full, not reachable. The text is for operators and holds no stored value.
    case unavailable(String)
    /// A value that stores cannot hold, such as text with a NUL byte. Nothing was written.
    case unstorable(String)
    /// Another version wrote the stored data, or it is damaged.
    case unreadable(String)

    package var description: String {
        switch self {
        case .closed: "The store is closed."
        case .unavailable(let why): "The store does not answer: \(why)"
        case .unstorable(let what): "The store cannot hold this: \(what)"
        case .unreadable(let what): "What is stored cannot be understood: \(what)"
        }
    }
}

/// One thing to write.
package enum StoreWrite: Sendable {
    /// `update` gets the stored installation, nil for an unknown one, and returns the new one; nil changes nothing. It runs
    /// inside the transaction and may run more than once, so it must have no effects.
    case installation(InstallationKey, update: @Sendable (Installation?) -> Installation?)
    /// Takes effect unless what is stored has a later `changedAt`; of two equal ones the last written holds.
    /// `checkedAt` never goes back.
    case member(MemberState)
    /// Widens what is stored of the same scope: the later `issuedUpTo` and the later `until` hold.
    case revocation(Revocation)

    /// An installation as a whole, unless what is stored has a later `changedAt`.
    package static func installation(_ installation: Installation) -> StoreWrite {
        .installation(installation.key) { stored in
            (stored?.changedAt ?? .min) <= installation.changedAt ? installation : nil
        }
    }
}

/// A record that changed.
package struct StoreChange: Sendable, Equatable {
    package enum Record: Sendable, Equatable {
        case installation(Installation)
        case member(MemberState)
        case revocation(Revocation)
    }

    /// From 1, strictly increasing; no two records have the same.
    package let number: Int64
    package let record: Record

    package init(number: Int64, record: Record) {
        self.number = number
        self.record = record
    }
}

/// What outlives a request: installations, what is known of members, revocations, seen webhooks and used codes.
///
/// Every call that writes is one transaction: all of it or nothing. It returns when the result would survive the loss of
/// the process and, with a store on disk, of the machine's power. After an error it is unknown whether a write took
/// effect; all of them are made to be repeated. Decisions never ask a store: see `LiveIndex`.
package protocol Store: Sendable {
    /// Whether what is written outlives the process or can be written by others: then codes are entered here and not in
    /// memory, and changes are followed.
    var isShared: Bool { get }

    /// Applies `writes` in their order, in one transaction. Returns the records that became different, as they are now
    /// and with their new numbers; a write that was older than what is stored changes nothing and is left out.
    @discardableResult
    func write(_ writes: [StoreWrite]) async throws(StoreError) -> [StoreChange]

    /// The same in one transaction with remembering a webhook's id. Nil, and nothing written, for one already seen.
    func receive(_ webhook: SeenWebhook, writing writes: [StoreWrite]) async throws(StoreError) -> [StoreChange]?

    func installation(_ key: InstallationKey) async throws(StoreError) -> Installation?

    /// In the order of integration and id.
    func installations() async throws(StoreError) -> [Installation]

    func member(_ key: MemberKey) async throws(StoreError) -> MemberState?

    /// Records whose number is above `number`, as they are now, in the order of their numbers, at most `limit` of them.
    /// An empty answer says that there is nothing newer; `after: 0` begins with everything. A record that was changed
    /// twice comes once. Numbers grow by commit: nobody can commit a lower number than one that was answered here.
    func changes(after number: Int64, limit: Int) async throws(StoreError) -> [StoreChange]

    /// Enters a code that nobody has brought yet and answers `.first` to exactly one of any number of callers, in any
    /// process; to the others what is known of it. An entry is forgotten at `until`, in seconds since 1970.
    func enter(_ code: CodeDigest, now: Int64, until: Int64) async throws(StoreError) -> CodeLedgerEntry

    /// Remembers which session came of a code that was entered, or with nil that none did; a code that was not entered,
    /// or was forgotten, stays unknown.
    func complete(_ code: CodeDigest, with session: SessionID?) async throws(StoreError)

    /// Deletes revocations, webhook ids and codes whose time is over at `now`, and member states last checked before
    /// `membersCheckedBefore`. Both in seconds since 1970. Takes no numbers: nothing that matters has changed.
    func forget(now: Int64, membersCheckedBefore: Int64) async throws(StoreError)

    /// Ends the use of files and connections. Calls that come later throw `.closed`.
    func close() async
}

/// Why a store gives no answer.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case closed
    /// Busy for too long, full, not reachable. The text is for operators and holds no stored value.
    case unavailable(String)
    /// Not a value that stores can hold, such as text with a NUL byte. Nothing was written.
    case unstorable(String)
    /// What is stored cannot be understood: another version wrote it, or it is damaged.
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
    /// `update` gets the installation as it is stored, nil for an unknown one, and says what it is to be; nil leaves
    /// everything as it is. It runs inside the transaction and may run more than once, so it only computes.
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

/// A record that became different.
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

/// A code as the ledger knows it: half of a keyed hash. 128 bits, which nobody without the key can make two codes meet
/// in; whoever reads it learns no code.
package struct CodeMark: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// Takes the first 16 bytes of at least as many.
    package init(_ hash: [UInt8]) {
        high = hash[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = hash[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The mark of no code: what a store is tried with.
    static let probe = CodeMark([UInt8](repeating: 0, count: 16))

    /// 32 lower-case hexadecimal digits.
    package var text: String {
        [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }.hexadecimal
    }
}

/// What a ledger knows of a code.
package enum CodeLedgerEntry: Sendable, Equatable {
    /// Nobody has brought this code before: go and exchange it.
    case first
    /// It is being exchanged, or came to nothing.
    case spent
    /// It made this session.
    case usedFor(SessionID)
    /// The ledger in memory is full, so the login may not go on.
    case full
    /// The store gives no answer, so the login may not go on either.
    case storeUnavailable(StoreError)
}

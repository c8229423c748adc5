import Untrusted

/// A code as the ledger knows it: half of a keyed hash. 128 bits, which nobody without the key can make two codes meet
/// in; whoever reads it learns no code.
package struct CodeDigest: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// Takes the first 16 bytes of at least as many.
    package init(_ hash: [UInt8]) {
        high = UInt64(bigEndianBytes: hash[0..<8])
        low = UInt64(bigEndianBytes: hash[8..<16])
    }

    /// The digest of no code: what a store is tried with.
    static let probe = CodeDigest([UInt8](repeating: 0, count: 16))

    /// 32 lower-case hexadecimal digits.
    package var text: String { (high.bigEndianBytes + low.bigEndianBytes).hexadecimal }
}

/// What a ledger knows of a code.
package enum CodeLedgerEntry: Sendable, Equatable {
    /// Nobody has brought this code before: go and exchange it.
    case first
    /// Entered, and no result is recorded: it is being exchanged, or the process that did so has ended. It will be
    /// forgotten at `keptUntil`, in seconds since 1970.
    case unfinished(keptUntil: Int64)
    /// It came to nothing.
    case spent
    /// It made this session.
    case usedFor(SessionID)
    /// Not entered: its client has used up its share of the ledger. `wait` in seconds.
    case shareIsFull(wait: Int64)
    /// Not entered: the ledger in memory is full.
    case full
    /// The store does not answer, so no request may go on.
    case storeUnavailable(StoreError)
}

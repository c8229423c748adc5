import Untrusted

/// What the ledger stores of a code: 128 bits of a keyed hash. Without the key two codes with one digest cannot be found,
/// and the digest does not reveal the code.
package struct CodeDigest: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// The first 16 bytes of `hash`, which has at least as many.
    package init(_ hash: [UInt8]) {
        high = UInt64(bigEndianBytes: hash[0..<8])
        low = UInt64(bigEndianBytes: hash[8..<16])
    }

    /// The digest of no code, for checking whether a store can be written.
    static let probe = CodeDigest([UInt8](repeating: 0, count: 16))

    /// 32 lower-case hexadecimal digits.
    package var text: String { (high.bigEndianBytes + low.bigEndianBytes).hexadecimal }
}

/// The state of a code in a ledger.
package enum CodeLedgerEntry: Sendable, Equatable {
    /// The code was not known: the caller exchanges it.
    case first
    /// Entered without a result: the exchange is under way, or its process has ended. The entry is deleted at `keptUntil`,
    /// in seconds since 1970.
    case unfinished(keptUntil: Int64)
    /// The login failed or was not completed.
    case spent
    /// The login made this session.
    case usedFor(SessionID)
    /// Not entered: its client has used up its share of the ledger. `wait` in seconds.
    case shareIsFull(wait: Int64)
    /// Not entered: the ledger in memory is full.
    case full
    /// Without the store's answer no request may exchange a code.
    case storeUnavailable(StoreError)
}

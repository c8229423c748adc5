import Synchronization
import Untrusted

/// Names one request in its error page and in the log, so that a person and an operator can refer to it. Not a secret.
package struct RequestID: Sendable, CustomStringConvertible {
    fileprivate let number: UInt64

    /// 16 hexadecimal digits.
    package var description: String { mixed.bigEndianBytes.hexadecimal }

    /// Neighbours look nothing alike: the mixing is splitmix64's (<https://prng.di.unimi.it/splitmix64.c>), which maps no
    /// two numbers to one.
    var mixed: UInt64 {
        var mixed = number &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Issues request ids, each once. They are counted from a random start, so that two processes hardly ever issue the same.
final class RequestIDs: Sendable {
    private let last: Atomic<UInt64>

    init(_ random: RandomSource) { last = Atomic(UInt64(bigEndianBytes: random.bytes(8))) }

    func next() -> RequestID { RequestID(number: last.wrappingAdd(1, ordering: .relaxed).newValue) }
}

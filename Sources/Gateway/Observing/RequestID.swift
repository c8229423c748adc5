import OpenSSLCrypto
import Synchronization
import Untrusted

/// Names one request in its error page and in the log, so that a person and an operator speak of the same one. Unique
/// in this process and hardly ever met twice in another; nobody's secret.
package struct RequestID: Sendable, CustomStringConvertible {
    private let number: UInt64

    private static let start = UInt64(bigEndianBytes: SecureRandom.bytes(8))
    private static let count = Atomic<UInt64>(0)

    /// Every request gets one and few are ever shown, so it is counted rather than drawn.
    static func next() -> RequestID {
        RequestID(number: start &+ count.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    /// 16 hexadecimal digits. Neighbours look nothing alike: the mixing is splitmix64's
    /// (<https://prng.di.unimi.it/splitmix64.c>), which maps no two numbers to one.
    package var description: String {
        var mixed = number &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return (mixed ^ (mixed >> 31)).bigEndianBytes.hexadecimal
    }
}

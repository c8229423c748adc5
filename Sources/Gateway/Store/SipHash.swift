/// SipHash-2-4 with 128 bits of result (<https://github.com/veorq/SipHash>): who does not know the key cannot choose
/// inputs whose results meet. Swift's own hasher gives 64 bits, and asking it twice costs more than this once.
struct SipHash: Sendable {
    private var v0, v1, v2, v3: UInt64
    /// Bytes that are no whole word yet, the first in the lowest place.
    private var pending: UInt64 = 0
    private var count: UInt64 = 0

    init(key: (UInt64, UInt64)) {
        v0 = key.0 ^ 0x736f_6d65_7073_6575
        v1 = key.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = key.0 ^ 0x6c79_6765_6e65_7261
        v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    mutating func combine(_ byte: UInt8) {
        pending |= UInt64(byte) << (8 * (count & 7))
        count += 1
        guard count & 7 == 0 else { return }
        absorb(pending)
        pending = 0
    }

    /// Its length first, so that no byte can move from one text to the next.
    mutating func combine(_ text: String) {
        let bytes = text.utf8.span
        combine(UInt8(truncatingIfNeeded: bytes.count))
        combine(UInt8(truncatingIfNeeded: bytes.count >> 8))
        for position in bytes.indices { combine(bytes[position]) }
    }

    /// The two halves, as the reference writes them.
    consuming func finish() -> (UInt64, UInt64) {
        absorb(pending | count << 56)
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let first = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return (first, v0 ^ v1 ^ v2 ^ v3)
    }

    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = v1 << 13 | v1 >> 51
        v3 = v3 << 16 | v3 >> 48
        v1 ^= v0
        v3 ^= v2
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v1
        v0 &+= v3
        v1 = v1 << 17 | v1 >> 47
        v3 = v3 << 21 | v3 >> 43
        v1 ^= v2
        v3 ^= v0
        v2 = v2 << 32 | v2 >> 32
    }
}

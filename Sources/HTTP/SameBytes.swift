/// Equality of long texts, 32 or eight bytes at a time.
///
/// Not in constant time. Who wants to learn a random text of letters from the time it takes has to guess eight of them at
/// once, which is 2⁴⁸ tries for each step; for anything shorter or less random there is constant-time comparison.
package enum SameBytes {
    package static func areSame(_ left: borrowing Span<UInt8>, _ right: borrowing Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        let mine = unsafe left.bytes
        let others = unsafe right.bytes
        var position = 0
        while position + 32 <= left.count {
            var differing: UInt64 = 0
            for word in 0..<4 { differing |= difference(mine, others, position + 8 * word) }
            guard differing == 0 else { return false }
            position += 32
        }
        while position + 8 <= left.count {
            guard difference(mine, others, position) == 0 else { return false }
            position += 8
        }
        while position < left.count {
            guard left[position] == right[position] else { return false }
            position += 1
        }
        return true
    }

    /// Of eight bytes, which have to be there.
    @inline(__always) private static func difference(_ left: RawSpan, _ right: RawSpan, _ position: Int) -> UInt64 {
        unsafe left.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self)
            ^ right.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self)
    }
}

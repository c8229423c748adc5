/// Equality of long texts, eight bytes at a time.
///
/// Not in constant time. Who wants to learn a random text of letters from the time it takes has to guess eight of them at
/// once, which is 2⁴⁸ tries for each step; for anything shorter or less random there is constant-time comparison.
package enum SameBytes {
    package static func areSame(_ left: borrowing Span<UInt8>, _ right: borrowing Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        let mine = unsafe left.bytes
        let others = unsafe right.bytes
        var position = 0
        while position + 8 <= left.count {
            let word = unsafe mine.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard unsafe word == others.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self) else {
                return false
            }
            position += 8
        }
        while position < left.count {
            guard left[position] == right[position] else { return false }
            position += 1
        }
        return true
    }
}

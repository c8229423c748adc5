/// Equality of long texts, eight bytes at a time: byte by byte a cookie of 700 takes 0.3 µs. Where two texts differ can be
/// learned from the time it takes, so it is for those that were found by something secret already.
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

/// A fixed list of header names that is asked about every field of every request: one buffer, no copy, no hash.
package struct HeaderNames: Sendable {
    /// What counts as the same name.
    package enum Folding: Sendable {
        /// Case alone (RFC 9110 section 5.1).
        case letterCase
        /// As programs do that hand headers on as variables (RFC 3875 section 4.1.18): besides, whatever is neither a
        /// letter nor a digit is one and the same character.
        case variables

        func folded(_ byte: UInt8) -> UInt8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: self == .variables ? UInt8(ascii: "-") : byte
            }
        }
    }

    private let folding: Folding
    private var bytes: [UInt8] = []
    private var places: [Range<Int>] = []
    /// A bit for every length that one of them has: most fields are no candidates.
    private var lengths: UInt64 = 0

    package init(_ names: [String], folding: Folding = .letterCase) {
        self.folding = folding
        for name in names {
            let start = bytes.count
            bytes += name.utf8.map(folding.folded)
            places.append(start..<bytes.count)
            precondition((1..<64).contains(name.utf8.count), "A header name that nobody sends.")
            lengths |= 1 << UInt64(name.utf8.count)
        }
    }

    package func contains(_ name: Span<UInt8>) -> Bool {
        guard name.count < 64, lengths >> UInt64(name.count) & 1 == 1 else { return false }
        for place in places where place.count == name.count && stands(place, in: name) { return true }
        return false
    }

    package func contains(_ name: String) -> Bool { contains(name.utf8.span) }

    /// Whether one of these is what `name` begins with.
    package func containsBeginning(of name: Span<UInt8>) -> Bool {
        for place in places where place.count <= name.count && stands(place, in: name) { return true }
        return false
    }

    private func stands(_ place: Range<Int>, in name: Span<UInt8>) -> Bool {
        let bytes = bytes.span
        for position in 0..<place.count
        where bytes[place.lowerBound + position] != folding.folded(name[position]) { return false }
        return true
    }
}

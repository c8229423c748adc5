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
    /// For every length, a bit for each letter with which one of them begins: most fields are no candidates.
    private var beginnings = [UInt32](repeating: 0, count: longest + 1)
    private var anyBeginning: UInt32 = 0
    private static let longest = 63

    package init(_ names: [String], folding: Folding = .letterCase) {
        self.folding = folding
        for name in names {
            let start = bytes.count
            bytes += name.utf8.map(folding.folded)
            places.append(start..<bytes.count)
            precondition((1...Self.longest).contains(name.utf8.count), "A header name that nobody sends.")
            beginnings[name.utf8.count] |= Self.bit(bytes[start])
            anyBeginning |= Self.bit(bytes[start])
        }
    }

    package func contains(_ name: Span<UInt8>) -> Bool {
        guard (1...Self.longest).contains(name.count), beginnings[name.count] & Self.bit(name[0]) != 0 else {
            return false
        }
        for place in places where place.count == name.count && stands(place, in: name) { return true }
        return false
    }

    package func contains(_ name: String) -> Bool { contains(name.utf8.span) }

    /// Whether one of these is what `name` begins with.
    package func containsBeginning(of name: Span<UInt8>) -> Bool {
        guard !name.isEmpty, anyBeginning & Self.bit(name[0]) != 0 else { return false }
        for place in places where place.count <= name.count && stands(place, in: name) { return true }
        return false
    }

    /// Whatever folding makes equal has the same five lowest bits, as long as names begin with a letter.
    private static func bit(_ first: UInt8) -> UInt32 { 1 << UInt32(first & 0x1f) }

    private func stands(_ place: Range<Int>, in name: Span<UInt8>) -> Bool {
        let bytes = bytes.span
        for position in 0..<place.count {
            let (own, byte) = (bytes[place.lowerBound + position], name[position])
            if own != byte, own != folding.folded(byte) { return false }
        }
        return true
    }
}

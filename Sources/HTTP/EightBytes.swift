/// Eight bytes of a text, asked all at once. Names of headers are compared and checked in every request; byte by byte,
/// that was a seventh of a decision's instructions.
///
/// Answers about single bytes are marks: the highest bit of each byte that is meant, and no other bit.
struct EightBytes {
    /// In the order of a little-endian machine.
    private(set) var word: UInt64

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let marks: UInt64 = 0x80 &* ones

    /// The eight from `position` on, which have to be there.
    init(_ text: borrowing Span<UInt8>, at position: Int) {
        word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
    }

    /// A text of eight or less, with zeros behind it.
    init(padded text: borrowing Span<UInt8>) {
        word = 0
        guard text.count >= 4 else {
            for position in text.indices { word |= UInt64(text[position]) &<< (8 &* UInt64(position)) }
            return
        }
        // Two halves that overlap agree where they do.
        let (start, end) = unsafe (
            text.bytes.unsafeLoadUnaligned(as: UInt32.self),
            text.bytes.unsafeLoadUnaligned(fromByteOffset: text.count - 4, as: UInt32.self)
        )
        word = UInt64(start) | UInt64(end) &<< (8 &* UInt64(text.count - 4))
    }

    private init(word: UInt64) { self.word = word }

    /// Whether `mark` marks nothing in a whole text.
    @inline(__always) static func isNone(_ text: borrowing Span<UInt8>, _ mark: (EightBytes) -> UInt64) -> Bool {
        guard text.count >= 8 else { return mark(EightBytes(padded: text)) & marks(first: text.count) == 0 }
        var marked: UInt64 = 0
        var position = 0
        while position + 8 < text.count {
            marked |= mark(EightBytes(text, at: position))
            position += 8
        }
        return marked | mark(EightBytes(text, at: text.count - 8)) == 0
    }

    /// The first `count` of eight.
    static func marks(first count: Int) -> UInt64 { count < 8 ? marks & ~(UInt64.max &<< (8 &* UInt64(count))) : marks }

    /// Every byte of a range of ASCII. With the highest bits out of the way, no sum reaches the next byte.
    func marks(_ first: UInt8, _ last: UInt8) -> UInt64 {
        let low = word & ~Self.marks
        let isFirstOrMore = low &+ UInt64(0x80 - first) &* Self.ones
        let isMoreThanLast = low &+ UInt64(0x7f - last) &* Self.ones
        return isFirstOrMore & ~isMoreThanLast & ~word & Self.marks
    }

    func marks(_ byte: UInt8) -> UInt64 {
        let difference = word ^ UInt64(byte) &* Self.ones
        return ~((difference & ~Self.marks) &+ ~Self.marks | difference) & Self.marks
    }

    // Rough marks took a quarter off looking at a target. The first byte that is meant is marked, and some behind it may be
    // by mistake, for a borrow or carry goes that way: enough to know whether there is one.

    func roughMarks(_ byte: UInt8) -> UInt64 {
        let difference = word ^ UInt64(byte) &* Self.ones
        return (difference &- Self.ones) & ~difference & Self.marks
    }

    func roughMarks(below byte: UInt8) -> UInt64 { (word &- UInt64(byte) &* Self.ones) & ~word & Self.marks }

    /// What is not printable ASCII, blanks included.
    var roughOthersThanVisible: UInt64 { roughMarks(below: 0x21) | ((word &+ Self.ones) | word) & Self.marks }

    var letters: UInt64 {
        EightBytes(word: word | 0x20 &* Self.ones).marks(UInt8(ascii: "a"), UInt8(ascii: "z"))
    }

    var digits: UInt64 { marks(UInt8(ascii: "0"), UInt8(ascii: "9")) }

    /// Whether the two differ in nothing but the case of letters.
    func isSame(_ other: EightBytes) -> Bool { word == other.word || inLowerCase == other.inLowerCase }

    /// With every letter in lower case, as a word to compare.
    var inLowerCase: UInt64 { word | letters >> 2 }

    /// The same with a hyphen for all that is neither letter nor digit.
    var asVariable: UInt64 {
        let isKept = ((letters | digits) >> 7) &* 0xff
        return inLowerCase & isKept | (UInt64(UInt8(ascii: "-")) &* Self.ones) & ~isKept
    }

    /// Control bytes but tabs.
    var controls: UInt64 { marks(0, 0x1f) & ~marks(0x09) | marks(0x7f) }

    /// Neither letters nor digits nor hyphens.
    var othersThanPlain: UInt64 { others(than: letters | digits | marks(UInt8(ascii: "-"))) }

    func others(than marked: UInt64) -> UInt64 { marked ^ Self.marks }
}

/// Finds known headers by their names in whatever case. Asked about every field of every request, it compares a name with
/// one of them, or hardly ever more, in three words of eight bytes.
struct KnownSpellings: Sendable {
    static let all = KnownSpellings()

    /// A name's first eight bytes, the last, and those behind the first; they overlap where a name is short.
    private struct Words {
        var first: UInt64, middle: UInt64, last: UInt64

        init(_ name: borrowing Span<UInt8>) {
            guard name.count >= 8 else {
                first = EightBytes(padded: name).word
                (middle, last) = (first, first)
                return
            }
            first = EightBytes(name, at: 0).word
            middle = EightBytes(name, at: min(8, name.count - 8)).word
            last = EightBytes(name, at: name.count - 8).word
        }
    }

    private struct Spelling {
        let header: KnownHeader
        let count: Int
        /// In lower case.
        let words: Words
        /// The bit that makes a letter lower case where one stands, none where a hyphen does: only a letter's two cases
        /// become that letter.
        let cases: Words

        init(_ header: KnownHeader) {
            let name = Array(header.name.lowercased().utf8)
            precondition(name.count <= 24, "A known name of more than three words.")
            self.header = header
            count = name.count
            words = Words(name.span)
            let bits: [UInt8] = name.map { $0 == UInt8(ascii: "-") ? 0 : 0x20 }
            cases = Words(bits.span)
        }

        func isOf(_ name: Words) -> Bool {
            name.last | cases.last == words.last && name.first | cases.first == words.first
                && name.middle | cases.middle == words.middle
        }
    }

    private var spellings: [Spelling] = []
    /// Where a spelling is, and one; zero where none is. A name's slot, or the first free one behind it.
    private var slots = [UInt8](repeating: 0, count: 256)

    private init() {
        for header in KnownHeader.allCases {
            let spelling = Spelling(header)
            spellings.append(spelling)
            var slot = Self.slot(spelling.words, spelling.count)
            while slots[slot] != 0 { slot = Self.slot(behind: slot) }
            slots[slot] = UInt8(spellings.count)
        }
    }

    func header(_ name: Span<UInt8>) -> KnownHeader? {
        let words = Words(name)
        let (slots, spellings) = (slots.span, spellings.span)
        var slot = Self.slot(words, name.count)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if spellings[place].count == name.count, spellings[place].isOf(words) { return spellings[place].header }
            slot = Self.slot(behind: slot)
        }
        return nil
    }

    /// By its end, in lower case, and its length. Multiplying by this (2⁶⁴ by the golden ratio) makes the highest bits
    /// depend on all.
    private static func slot(_ words: Words, _ count: Int) -> Int {
        let folded = words.last | 0x2020_2020_2020_2020
        return Int(((folded ^ UInt64(count)) &* 0x9e37_79b9_7f4a_7c15) >> 56)
    }

    private static func slot(behind slot: Int) -> Int { (slot + 1) & 255 }
}

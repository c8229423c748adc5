/// A fixed list of header names that is asked about every field whose name is not a known one: one buffer, no copy, no
/// hash.
package struct HeaderNames: Sendable {
    /// What counts as the same name.
    package enum Folding: Sendable {
        /// Case alone (RFC 9110 section 5.1).
        case letterCase
        /// As programs do that hand headers on as variables (RFC 3875 section 4.1.18): besides, whatever is neither a
        /// letter nor a digit is one and the same character.
        case variables

        func folded(_ bytes: EightBytes) -> UInt64 { self == .letterCase ? bytes.inLowerCase : bytes.asVariable }
    }

    private struct Name {
        let count: Int
        let words: Range<Int>
    }

    private let folding: Folding
    /// The shortest first.
    private var names: [Name] = []
    /// Folded, eight bytes each; a name's last word overlaps the one before, a short name is filled up with zeros.
    private var words: [UInt64] = []
    /// For every length, how many names are shorter.
    private var shorter: [Int] = []
    /// For every letter, whether one of them begins with it.
    private var beginnings: UInt32 = 0
    private static let longest = 63

    package init(_ list: [String], folding: Folding = .letterCase) {
        self.folding = folding
        for text in list.sorted(by: { $0.utf8.count < $1.utf8.count }) {
            let name = text.utf8.span
            precondition((1...Self.longest).contains(name.count), "A header name that nobody sends.")
            let start = words.count
            for number in 0..<max(1, (name.count + 7) / 8) { words.append(word(number, of: name, name.count)) }
            names.append(Name(count: name.count, words: start..<words.count))
            beginnings |= Self.bit(name[0])
        }
        shorter = (0...Self.longest + 1).map { count in names.count { $0.count < count } }
    }

    package func contains(_ name: String) -> Bool { contains(name.utf8.span) }

    package func contains(_ name: Span<UInt8>) -> Bool {
        guard (1...Self.longest).contains(name.count) else { return false }
        let candidates = shorter[name.count]..<shorter[name.count + 1]
        guard !candidates.isEmpty else { return false }
        let first = word(0, of: name, name.count)
        let names = names.span
        for candidate in candidates where stands(names[candidate], in: name, first) { return true }
        return false
    }

    /// Whether one of these is what `name` begins with.
    package func containsBeginning(of name: Span<UInt8>) -> Bool {
        guard !name.isEmpty, beginnings & Self.bit(name[0]) != 0 else { return false }
        let names = names.span
        for index in names.indices where names[index].count <= name.count {
            if stands(names[index], in: name, word(0, of: name, names[index].count)) { return true }
        }
        return false
    }

    /// Whatever folding makes equal has the same five lowest bits, as long as names begin with a letter.
    private static func bit(_ first: UInt8) -> UInt32 { 1 << UInt32(first & 0x1f) }

    // Both are inlined because they are asked so often: that took 700 instructions off a head.

    /// `first`: the first word of what is to be compared.
    @inline(__always) private func stands(_ own: Name, in name: Span<UInt8>, _ first: UInt64) -> Bool {
        let words = words.span
        guard words[own.words.lowerBound] == first else { return false }
        for number in 1..<max(1, own.words.count)
        where words[own.words.lowerBound + number] != word(number, of: name, own.count) { return false }
        return true
    }

    /// One word of the first `count` bytes, folded.
    @inline(__always) private func word(_ number: Int, of name: Span<UInt8>, _ count: Int) -> UInt64 {
        guard count >= 8 else { return folding.folded(EightBytes(padded: name.extracting(0..<count))) }
        return folding.folded(EightBytes(name, at: min(8 * number, count - 8)))
    }
}

/// A question about a field's name. For the names that are known, it is answered once and for all.
package struct HeaderQuestion: Sendable {
    private var known = KnownHeaders()
    private let others: @Sendable (Span<UInt8>) -> Bool

    package init(_ ask: @escaping @Sendable (Span<UInt8>) -> Bool) {
        others = ask
        for header in KnownHeader.allCases where ask(header.name.utf8.span) { known.insert(header) }
    }

    package func holds(_ headers: HTTPHeaders, at index: Int) -> Bool {
        let place = headers.places[index]
        if let header = place.known { return known.contains(header) }
        return others(headers.bytes.span.extracting(place.name))
    }

    package func holds(_ name: Span<UInt8>) -> Bool { others(name) }

    /// Whether it holds for a name that came more than once.
    package func holdsForRepeated(_ headers: HTTPHeaders) -> Bool {
        guard known.isDisjoint(with: headers.doubled) else { return true }
        let places = headers.places.span
        let bytes = headers.bytes.span
        for index in places.indices where places[index].known == nil {
            guard others(bytes.extracting(places[index].name)) else { continue }
            if headers.isRepeated(at: index) { return true }
        }
        return false
    }
}

/// A fixed list of header names.
package struct HeaderNames: Sendable {
    /// Which names are equal.
    package enum Folding: Sendable {
        /// Case alone (RFC 9110 section 5.1).
        case letterCase
        /// Also, every byte that is neither a letter nor a digit counts as the same byte: programs that pass headers on as
        /// variables read them so (RFC 3875 section 4.1.18).
        case variables

        func folded(_ byte: UInt8) -> UInt8 {
            let lowered = HTTPHeaders.lowered(byte)
            guard self == .variables else { return lowered }
            switch lowered {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): return lowered
            default: return UInt8(ascii: "-")
            }
        }
    }

    private let folding: Folding
    /// Folded.
    private let names: [[UInt8]]

    package init(_ list: [String], folding: Folding = .letterCase) {
        self.folding = folding
        names = list.map { $0.utf8.map(folding.folded) }
    }

    package func contains(_ name: String) -> Bool { contains(name.utf8.span) }

    package func contains(_ name: Span<UInt8>) -> Bool {
        for own in names where own.count == name.count && isBeginning(own, of: name) { return true }
        return false
    }

    /// Whether `name` begins with one of these.
    package func containsBeginning(of name: Span<UInt8>) -> Bool {
        for own in names where own.count <= name.count && isBeginning(own, of: name) { return true }
        return false
    }

    private func isBeginning(_ own: [UInt8], of name: Span<UInt8>) -> Bool {
        for position in own.indices where folding.folded(name[position]) != own[position] { return false }
        return true
    }
}

/// A condition on a field's name. For known headers it is evaluated once, when it is made.
package struct HeaderCondition: Sendable {
    private var known = KnownHeaders()
    private let others: @Sendable (Span<UInt8>) -> Bool

    package init(_ condition: @escaping @Sendable (Span<UInt8>) -> Bool) {
        others = condition
        for header in KnownHeader.allCases where condition(header.name.utf8.span) { known.insert(header) }
    }

    package func holds(_ headers: HTTPHeaders, at index: Int) -> Bool {
        let place = headers.places[index]
        if let header = place.known { return known.contains(header) }
        return others(headers.bytes.span.extracting(place.name))
    }

    package func holds(_ name: Span<UInt8>) -> Bool { others(name) }

    /// Whether it holds for a name that occurs more than once.
    package func holdsForRepeated(_ headers: HTTPHeaders) -> Bool {
        guard known.isDisjoint(with: headers.repeated) else { return true }
        let places = headers.places.span
        let bytes = headers.bytes.span
        for index in places.indices where places[index].known == nil {
            guard others(bytes.extracting(places[index].name)) else { continue }
            if headers.isRepeated(at: index) { return true }
        }
        return false
    }
}

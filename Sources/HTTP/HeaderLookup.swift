package import Untrusted

extension HTTPHeaders {
    /// The result of a look-up by name. Two fields of one name are never one value.
    package enum Lookup<Value: Sendable & Equatable>: Sendable, Equatable {
        case absent
        case one(Value)
        case several
    }

    /// As text for display: a decision looks up a known header, whose value compares by bytes.
    package func lookUp(_ name: String) -> Lookup<String> { read(find(name), text) }
    package func lookUp(_ header: KnownHeader) -> Lookup<UntrustedText> {
        read(find(header)) { UntrustedText(validating: Array(bytes[$0])) ?? Self.unreadable }
    }

    /// Replaces a value that is not UTF-8. No expected value equals it.
    private static let unreadable: UntrustedText = "\u{fffd}"

    /// The value's bytes, without a copy.
    package func lookUpBytes(_ header: KnownHeader) -> Lookup<ArraySlice<UInt8>> { read(find(header)) { bytes[$0] } }

    /// The value's position in `bytes`.
    package func lookUpPlace(_ header: KnownHeader) -> Lookup<Range<Int>> { read(find(header)) { $0 } }

    private func read<Value>(_ found: Lookup<Int>, _ value: (Range<Int>) -> Value) -> Lookup<Value> {
        switch found {
        case .absent: .absent
        case .one(let index): .one(value(places[index].value))
        case .several: .several
        }
    }

    /// The value of a field that occurs exactly once.
    package subscript(name: String) -> String? {
        if case .one(let value) = lookUp(name) { value } else { nil }
    }

    package subscript(header: KnownHeader) -> UntrustedText? {
        if case .one(let value) = lookUp(header) { value } else { nil }
    }

    package func has(_ header: KnownHeader) -> Bool { present.contains(header) }
    package func hasNone(of headers: KnownHeaders) -> Bool { present.isDisjoint(with: headers) }

    /// Every value under `name`, for fields that may repeat (`Set-Cookie`).
    package func all(_ name: String) -> [String] {
        places.filter { isNamed($0, name.utf8.span) }.map { text($0.value) }
    }

    package func all(_ header: KnownHeader) -> [ArraySlice<UInt8>] {
        guard has(header) else { return [] }
        return places.filter { $0.known == header }.map { bytes[$0.value] }
    }

    /// Whether any value of `header` contains `text`, without regard to case.
    package func contains(_ text: String, in header: KnownHeader) -> Bool {
        guard has(header) else { return false }
        let text = text.utf8.span
        for place in places where place.known == header {
            for start in place.value where start + text.count <= place.value.upperBound {
                if Self.equal(bytes.span, start, text) { return true }
            }
        }
        return false
    }

    /// Whether another field has the same name.
    package func isRepeated(at index: Int) -> Bool {
        let places = places.span
        if let known = places[index].known { return repeated.contains(known) }
        let bytes = bytes.span
        let name = bytes.extracting(places[index].name)
        for other in places.indices
        where other != index && Self.equal(bytes.extracting(places[other].name), name) { return true }
        return false
    }

    private func find(_ name: String) -> Lookup<Int> {
        let places = places.span
        var found: Int?
        for index in places.indices where isNamed(places[index], name.utf8.span) {
            guard found == nil else { return .several }
            found = index
        }
        return found.map { .one($0) } ?? .absent
    }

    private func find(_ header: KnownHeader) -> Lookup<Int> {
        guard has(header) else { return .absent }
        guard !repeated.contains(header) else { return .several }
        return places.firstIndex { $0.known == header }.map { .one($0) } ?? .absent
    }

    private func isNamed(_ place: Place, _ name: borrowing Span<UInt8>) -> Bool {
        place.name.count == name.count && Self.equal(bytes.span, place.name.lowerBound, name)
    }
}

/// ASCII case-insensitive equality.
extension HTTPHeaders {
    package static func equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && equal(left.utf8.span, 0, right.utf8.span)
    }

    package static func equal(_ left: ArraySlice<UInt8>, _ right: String) -> Bool {
        left.count == right.utf8.count && equal(left.span, 0, right.utf8.span)
    }

    package static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        left.count == right.count && equal(left, 0, right)
    }

    /// Whether `left` has `right` at `offset`, where it must fit.
    private static func equal(_ left: borrowing Span<UInt8>, _ offset: Int, _ right: borrowing Span<UInt8>) -> Bool {
        for position in right.indices where lowered(left[offset + position]) != lowered(right[position]) {
            return false
        }
        return true
    }

    package static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

package import Untrusted

/// Header fields in the order in which they came or will go.
///
/// Names compare without regard to case (RFC 9110 section 5.1) and nothing else is folded: `X_Name` is not `X-Name`.
/// Values that came in are what the wire held, with U+FFFD where the bytes were not UTF-8 once they are read as text,
/// so a value that decides anything can be required to be ASCII.
///
/// All fields share one buffer: a request's head is copied once and most of its fields are never looked at.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where a field lies in `bytes`.
    package struct Place: Sendable {
        package let name: Range<Int>
        package let value: Range<Int>
        /// What the name says, whatever its case.
        package let known: KnownHeader?

        package init(name: Range<Int>, value: Range<Int>, known: KnownHeader?) {
            self.name = name
            self.value = value
            self.known = known
        }
    }

    /// Every name and every value with a NUL behind it, as C libraries want them.
    package private(set) var bytes: [UInt8]
    package private(set) var places: [Place]
    private var known: Known

    /// Where known names came.
    private struct Known {
        /// For each that is present, the number of its first field. 255 says "there or further behind".
        private var first = InlineArray<29, UInt8>(repeating: 0)
        private(set) var present = KnownHeaders()
        /// Which came more than once.
        private(set) var doubled = KnownHeaders()

        func number(_ header: KnownHeader) -> Int { Int(first[Int(header.rawValue)]) }

        init(_ places: [Place]) {
            for index in places.indices { note(places[index].known, at: index) }
        }

        mutating func note(_ header: KnownHeader?, at index: Int) {
            guard let header else { return }
            guard !present.contains(header) else { return doubled.insert(header) }
            present.insert(header)
            first[Int(header.rawValue)] = UInt8(min(index, 255))
        }
    }

    var doubled: KnownHeaders { known.doubled }

    package init() { self.init(head: [], []) }

    /// A head that was received, with a NUL behind every name and value.
    package init(head: [UInt8], _ places: [Place]) {
        bytes = head
        self.places = places
        known = Known(places)
    }

    package init(_ fields: [Field]) {
        self.init()
        for field in fields { append(field.name, field.value) }
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for element in elements { append(element.0, element.1) }
    }

    /// For so many fields of so many bytes altogether.
    package mutating func reserve(fields: Int, bytes count: Int) {
        places.reserveCapacity(fields)
        bytes.reserveCapacity(count)
    }

    package mutating func append(_ name: String, _ value: String) {
        let known = KnownHeader(name.utf8.span)
        add(Place(name: put(name.utf8), value: put(value.utf8), known: known))
    }

    /// `known`: what the name says.
    package mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>, known: KnownHeader?) {
        add(Place(name: put(name), value: put(value), known: known))
    }

    private mutating func add(_ place: Place) {
        known.note(place.known, at: places.count)
        places.append(place)
    }

    private mutating func put(_ text: Span<UInt8>) -> Range<Int> {
        let start = bytes.count
        for position in text.indices { bytes.append(text[position]) }
        bytes.append(0)
        return start..<bytes.count - 1
    }

    private mutating func put(_ text: String.UTF8View) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text)
        bytes.append(0)
        return start..<bytes.count - 1
    }

    package var count: Int { places.count }

    package func name(at index: Int) -> ArraySlice<UInt8> { bytes[places[index].name] }
    package func value(at index: Int) -> ArraySlice<UInt8> { bytes[places[index].value] }

    /// Copies of all fields as text.
    package var fields: [Field] {
        places.map { Field(name: text($0.name), value: text($0.value)) }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

/// Looking fields up.
extension HTTPHeaders {
    /// What a request says under one name. Two fields are never one answer.
    package enum Lookup<Value: Sendable & Equatable>: Sendable, Equatable {
        case absent
        case one(Value)
        case several
    }

    /// As text to show: decisions ask for a known header, whose value compares by bytes.
    package func lookUp(_ name: String) -> Lookup<String> { read(find(name), text) }
    package func lookUp(_ header: KnownHeader) -> Lookup<UntrustedText> {
        read(find(header)) { UntrustedText(validating: Array(bytes[$0])) ?? Self.unreadable }
    }

    /// What stands for a value that is not UTF-8: no value that is compared with anything equals it.
    private static let unreadable: UntrustedText = "\u{fffd}"

    /// The value's bytes, without a copy.
    package func lookUpBytes(_ header: KnownHeader) -> Lookup<ArraySlice<UInt8>> { read(find(header)) { bytes[$0] } }

    /// Where in `bytes` it is.
    package func lookUpPlace(_ header: KnownHeader) -> Lookup<Range<Int>> { read(find(header)) { $0 } }

    private func read<Value>(_ found: Lookup<Int>, _ value: (Range<Int>) -> Value) -> Lookup<Value> {
        switch found {
        case .absent: .absent
        case .one(let index): .one(value(places[index].value))
        case .several: .several
        }
    }

    /// The value of a field that came exactly once; nil when it is absent or doubled.
    package subscript(name: String) -> String? {
        if case .one(let value) = lookUp(name) { value } else { nil }
    }

    package subscript(header: KnownHeader) -> UntrustedText? {
        if case .one(let value) = lookUp(header) { value } else { nil }
    }

    package func has(_ header: KnownHeader) -> Bool { known.present.contains(header) }
    package func hasNone(of headers: KnownHeaders) -> Bool { known.present.isDisjoint(with: headers) }

    /// Every value under `name`, for fields that may repeat (`Set-Cookie`).
    package func all(_ name: String) -> [String] {
        places.filter { isNamed($0, name.utf8.span) }.map { text($0.value) }
    }

    package func all(_ header: KnownHeader) -> [ArraySlice<UInt8>] {
        guard has(header) else { return [] }
        return places.filter { $0.known == header }.map { bytes[$0.value] }
    }

    /// Whether a lower-case text stands in any value of `header`, in whatever case.
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
        if let known = places[index].known { return doubled.contains(known) }
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
        guard !doubled.contains(header) else { return .several }
        var index = known.number(header)
        while places[index].known != header { index += 1 }
        return .one(index)
    }

    private func isNamed(_ place: Place, _ name: borrowing Span<UInt8>) -> Bool {
        place.name.count == name.count && Self.equal(bytes.span, place.name.lowerBound, name)
    }
}

/// ASCII case-insensitive equality, without making a folded copy of either side.
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

    /// Whether `right` stands in `left` at an offset where it fits.
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

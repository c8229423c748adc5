/// Header fields in the order of the message.
///
/// Names compare without regard to case (RFC 9110 section 5.1) and nothing else is folded: `X_Name` is not `X-Name`.
/// Received values are the bytes of the message. As text they have U+FFFD where the bytes are not UTF-8.
///
/// All fields share one buffer: a request's head is copied once, and most of its fields are never read.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The position of a field in `bytes`.
    package struct Place: Sendable {
        package let name: Range<Int>
        package let value: Range<Int>
        /// The known header of this name.
        package let known: KnownHeader?

        package init(name: Range<Int>, value: Range<Int>, known: KnownHeader?) {
            self.name = name
            self.value = value
            self.known = known
        }
    }

    /// Every name and every value with a NUL after it, for C libraries.
    package private(set) var bytes: [UInt8]
    package private(set) var places: [Place]
    private var index: KnownIndex

    /// Which known headers there are, and which occur more than once.
    private struct KnownIndex {
        private(set) var present = KnownHeaders()
        private(set) var repeated = KnownHeaders()

        init(_ places: [Place]) {
            for place in places { add(place.known) }
        }

        mutating func add(_ header: KnownHeader?) {
            guard let header else { return }
            if present.contains(header) { repeated.insert(header) } else { present.insert(header) }
        }
    }

    var present: KnownHeaders { index.present }
    var repeated: KnownHeaders { index.repeated }

    package init() { self.init(head: [], []) }

    /// A received head, with a NUL after every name and value.
    package init(head: [UInt8], _ places: [Place]) {
        bytes = head
        self.places = places
        index = KnownIndex(places)
    }

    package init(_ fields: [Field]) {
        self.init()
        for field in fields { append(field.name, field.value) }
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for element in elements { append(element.0, element.1) }
    }

    /// `count`: the bytes of all names and values, each with its NUL.
    package mutating func reserve(fields: Int, bytes count: Int) {
        places.reserveCapacity(fields)
        bytes.reserveCapacity(count)
    }

    package mutating func append(_ name: String, _ value: String) {
        let known = KnownHeader(name.utf8.span)
        add(Place(name: put(name.utf8), value: put(value.utf8), known: known))
    }

    /// `known`: the known header of this name.
    package mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>, known: KnownHeader?) {
        add(Place(name: put(name), value: put(value), known: known))
    }

    private mutating func add(_ place: Place) {
        index.add(place.known)
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

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

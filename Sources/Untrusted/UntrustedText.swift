/// Received text: UTF-8, stored, compared and hashed as bytes.
///
/// Swift compares and hashes a `String` by its canonical form, for which it sorts runs of combining marks: 30,000 marks in a
/// JSON name cost a second. Also, two different byte sequences may be equal. This type has neither fault. Use `string` for
/// display, never for a decision.
package struct UntrustedText: Sendable, Hashable {
    /// Well-formed UTF-8 (RFC 3629).
    package let bytes: [UInt8]

    /// Nil where the bytes are not well-formed UTF-8.
    package init?(validating bytes: [UInt8]) {
        guard (try? UTF8Span(validating: bytes.span)) != nil else { return nil }
        self.bytes = bytes
    }

    package init(_ text: String) { bytes = Array(text.utf8) }

    /// `bytes`: already checked to be well-formed UTF-8.
    package init(checked bytes: [UInt8]) { self.bytes = bytes }

    /// In bytes.
    package var count: Int { bytes.count }
    package var isEmpty: Bool { bytes.isEmpty }

    /// For display, and for values that were checked to be ASCII.
    package var string: String { String(decoding: bytes, as: UTF8.self) }

    package func equals(_ text: String) -> Bool { bytes.elementsEqual(text.utf8) }

    package func hasPrefix(_ prefix: String) -> Bool { bytes.starts(with: prefix.utf8) }

    package func hasSuffix(_ suffix: String) -> Bool {
        bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// The text after `prefix`; nil where it does not begin with it.
    package func dropping(prefix: String) -> UntrustedText? {
        hasPrefix(prefix) ? UntrustedText(checked: Array(bytes.dropFirst(prefix.utf8.count))) : nil
    }

    /// The parts between single ASCII bytes, empty ones included.
    package func split(at separator: Unicode.Scalar) -> [UntrustedText] {
        bytes.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false).map {
            UntrustedText(checked: Array($0))
        }
    }

    /// ASCII letters in lower case; other letters unchanged.
    package var lowercasedASCII: UntrustedText {
        UntrustedText(checked: bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 })
    }
}

extension UntrustedText: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(value) }
}

extension UntrustedText: CustomStringConvertible {
    package var description: String { string }
}

extension RawRepresentable where RawValue == String, Self: CaseIterable {
    /// The case of exactly this raw value, compared by bytes.
    package init?(_ text: UntrustedText) {
        guard let found = Self.allCases.first(where: { text.equals($0.rawValue) }) else { return nil }
        self = found
    }
}

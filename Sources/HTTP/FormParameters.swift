package import SecretMemory

/// The pairs of a query or of an `application/x-www-form-urlencoded` body (WHATWG URL section 5.1), read strictly:
/// where other readers repair or skip, this one refuses.
///
/// Values keep to the cleansing type, because one of them may be a login code.
package struct FormParameters: Sendable {
    package enum Refusal: Error, Sendable, Equatable {
        case tooMany
        case percentEncoding(name: String)
        case notUTF8(name: String)
        case controlByte(name: String)
    }

    package enum Lookup: Sendable {
        case absent
        case one(SecretBytes)
        case several
    }

    package static let maximumCount = 64

    package private(set) var pairs: [(name: String, value: SecretBytes)] = []

    package init() {}

    /// An absent query has no parameters; empty pieces (`a=1&&b=2`) are skipped, a piece without `=` has an empty value.
    package init(_ raw: SecretBytes?) throws(Refusal) {
        guard let raw else { return }
        var start = 0
        while start < raw.count {
            let end = raw.withSpan { SixteenBytes.first(UInt8(ascii: "&"), in: $0, from: start) }
            if end > start {
                guard pairs.count < Self.maximumCount else { throw .tooMany }
                pairs.append(try Self.pair(raw[start..<end]))
            }
            start = end + 1
        }
    }

    package func lookUp(_ name: String) -> Lookup {
        var found: Lookup = .absent
        for pair in pairs where pair.name == name {
            guard case .absent = found else { return .several }
            found = .one(pair.value)
        }
        return found
    }

    private static func pair(_ piece: SecretBytes) throws(Refusal) -> (name: String, value: SecretBytes) {
        let separator = piece.withSpan { SixteenBytes.first(UInt8(ascii: "="), in: $0, from: 0) }
        let name = try text(piece[0..<separator], of: "a parameter's name").exposedText ?? ""
        let value =
            separator == piece.count
            ? SecretBytes([]) : try text(piece[(separator + 1)..<piece.count], of: name)
        return (name, value)
    }

    private static func text(_ raw: SecretBytes, of name: String) throws(Refusal) -> SecretBytes {
        var plain = raw.exposedBytes
        defer { plain.cleanse() }
        for position in plain.indices where plain[position] == UInt8(ascii: "+") { plain[position] = 0x20 }
        do { try PercentEncoding.decode(&plain) } catch { throw .percentEncoding(name: name) }
        guard plain.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .controlByte(name: name) }
        guard UTF8Validation.isValid(plain) else { throw .notUTF8(name: name) }
        return SecretBytes(plain)
    }
}

package import SecretMemory
package import Untrusted

/// The pairs of a query or of an `application/x-www-form-urlencoded` body (WHATWG URL section 5.1). Malformed input is
/// refused, not repaired.
///
/// Values are `SecretBytes`, because one of them may be a login code.
package struct FormParameters: Sendable {
    package enum Refusal: Error, Sendable, Equatable {
        case tooMany
        case percentEncoding(name: UntrustedText)
        case notUTF8(name: UntrustedText)
        case controlByte(name: UntrustedText)
    }

    package enum Lookup: Sendable {
        case absent
        case one(SecretBytes)
        case several
    }

    package static let maximumCount = 64

    package private(set) var pairs: [(name: UntrustedText, value: SecretBytes)] = []

    package init() {}

    /// An absent query has no parameters; empty pieces (`a=1&&b=2`) are skipped, a piece without `=` has an empty value.
    package init(_ raw: SecretBytes?) throws(Refusal) {
        guard let raw else { return }
        var start = 0
        while start < raw.count {
            let end = raw.firstIndex(of: UInt8(ascii: "&"), from: start) ?? raw.count
            if end > start {
                guard pairs.count < Self.maximumCount else { throw .tooMany }
                pairs.append(try Self.pair(start..<end, of: raw))
            }
            start = end + 1
        }
    }

    package func lookUp(_ name: UntrustedText) -> Lookup {
        var found: Lookup = .absent
        for pair in pairs where pair.name == name {
            guard case .absent = found else { return .several }
            found = .one(pair.value)
        }
        return found
    }

    private static func pair(_ piece: Range<Int>, of raw: SecretBytes) throws(Refusal) -> (
        name: UntrustedText, value: SecretBytes
    ) {
        let separator = min(raw.firstIndex(of: UInt8(ascii: "="), from: piece.lowerBound) ?? .max, piece.upperBound)
        let name = try text(piece.lowerBound..<separator, of: raw, in: "a parameter's name").exposedText ?? ""
        let start = min(separator + 1, piece.upperBound)
        return (name, try text(start..<piece.upperBound, of: raw, in: name))
    }

    /// Needs no decoding.
    private static let plain = ByteSet(0x20...0x7e).subtracting("+%")

    private static func text(_ range: Range<Int>, of raw: SecretBytes, in name: UntrustedText) throws(Refusal)
        -> SecretBytes
    {
        let text = raw.sharing(range)
        if text.withSpan({ plain.containsAll($0) }) { return text }
        var decoded = text.exposedBytes
        defer { decoded.cleanse() }
        for position in decoded.indices where decoded[position] == UInt8(ascii: "+") { decoded[position] = 0x20 }
        do { try PercentEncoding.decode(&decoded) } catch { throw .percentEncoding(name: name) }
        guard decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .controlByte(name: name) }
        guard isUTF8(decoded) else { throw .notUTF8(name: name) }
        return SecretBytes(decoded)
    }

    /// Decides without making a string, which would be a second copy of a secret.
    private static func isUTF8(_ bytes: [UInt8]) -> Bool { (try? UTF8Span(validating: bytes.span)) != nil }
}

import HTTP

/// The languages that a client accepts (RFC 9110 section 12.5.4): language ranges with weights. A header that does not have the
/// form of the RFC is ignored as a whole.
struct AcceptLanguage {
    /// Browsers send fewer. In bytes.
    static let maximumLength = 1024

    private struct Range {
        /// In lower case. `*` for all languages.
        let tag: [UInt8]
        /// In thousandths.
        let weight: Int
    }

    private var ranges: [Range] = []

    /// Several fields are one list.
    init(_ headers: HTTPHeaders) {
        let fields = (0..<headers.count).filter { HTTPHeaders.equal(headers.name(at: $0), "Accept-Language") }
        let values = fields.map { headers.value(at: $0) }
        guard values.reduce(0, { $0 + $1.count }) <= Self.maximumLength else { return }
        for value in values {
            for item in value.split(separator: UInt8(ascii: ",")) {
                let item = Self.trimmed(item)
                // RFC 9110 section 5.6.1.2 allows empty elements.
                guard !item.isEmpty else { continue }
                guard let range = Self.range(item) else {
                    ranges = []
                    return
                }
                ranges.append(range)
            }
        }
    }

    /// The accepted language with the highest weight, in the client's order where weights are equal; nil for none. `languages`
    /// are primary subtags in lower case.
    func best(of languages: [String]) -> String? {
        var best: (language: String, weight: Int)?
        for range in ranges where range.weight > (best?.weight ?? 0) {
            // A regional form is served by its language (RFC 4647 section 3.4).
            let primary = range.tag.prefix { $0 != UInt8(ascii: "-") }
            if let language = languages.first(where: { $0.utf8.elementsEqual(primary) }) {
                best = (language, range.weight)
            }
        }
        return best?.language
    }

    private static func range(_ item: ArraySlice<UInt8>) -> Range? {
        let parts = item.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(trimmed)
        guard parts.count <= 2, isRange(parts[0]) else { return nil }
        guard let weight = parts.count == 1 ? 1000 : weight(parts[1]) else { return nil }
        return Range(tag: parts[0].map(HTTPHeaders.lowered), weight: weight)
    }

    /// RFC 4647 section 2.1: `*`, or subtags of 1 to 8 letters, after the first one also digits.
    private static func isRange(_ text: ArraySlice<UInt8>) -> Bool {
        if text.elementsEqual("*".utf8) { return true }
        let subtags = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return subtags.enumerated().allSatisfy { index, subtag in
            (1...8).contains(subtag.count) && (index == 0 ? letters : lettersAndDigits).containsAll(subtag)
        }
    }

    /// RFC 9110 section 12.4.2: `q=0.5`, with at most three digits after the point.
    private static func weight(_ text: ArraySlice<UInt8>) -> Int? {
        var digits = text.dropFirst(2)
        guard HTTPHeaders.equal(text.prefix(2), "q="), let first = digits.popFirst() else { return nil }
        if let point = digits.popFirst(), point != UInt8(ascii: ".") { return nil }
        guard digits.count <= 3, ByteSet.digits.containsAll(digits) else { return nil }
        let thousandths = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        let scaled = (digits.count..<3).reduce(thousandths) { weight, _ in weight * 10 }
        switch first {
        case UInt8(ascii: "0"): return scaled
        case UInt8(ascii: "1"): return scaled == 0 ? 1000 : nil
        default: return nil
        }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    private static let letters = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    private static let lettersAndDigits = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
}

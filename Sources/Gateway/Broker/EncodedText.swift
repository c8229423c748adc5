import Untrusted

/// A text of another server's as a program may have encoded it, read in one spelling.
enum EncodedText {
    /// Either case as the lower one, without the ends of lines.
    static func hexadecimal(_ text: [UInt8]) -> [UInt8] { read(text, lowerCase) }

    /// Either alphabet as that of base64url, without the ends of lines.
    static func base64(_ text: [UInt8]) -> [UInt8] { read(text, oneAlphabet) }

    private static let lowerCase = table { Hexadecimal.value($0).map { Hexadecimal.digit($0) } ?? $0 }
    private static let oneAlphabet = table { byte in
        switch byte {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: byte
        }
    }

    /// No byte of a text in UTF-8.
    private static let leftOut: UInt8 = 0xff

    private static func table(_ read: (UInt8) -> UInt8) -> [UInt8] {
        // A line may also begin with blanks.
        (0...UInt8.max).map { [0x09, 0x0a, 0x0d, 0x20].contains($0) ? leftOut : read($0) }
    }

    private static func read(_ text: [UInt8], _ table: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        let table = table.span
        for byte in text where table[Int(byte)] != leftOut { result.append(table[Int(byte)]) }
        return result
    }

    /// Without one layer of escapes, those of JSON and of addresses alike: `\u0061` and `%61` as `a`, `\/` as `/`, `\n` as the
    /// end of a line. Nil where there are none.
    static func withoutEscapes(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(UInt8(ascii: "\\")) || text.contains(UInt8(ascii: "%")) else { return nil }
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        let bytes = text.span
        var place = 0
        while place < bytes.count {
            if let (byte, count) = escape(bytes, place) {
                plain.append(byte)
                place += count
            } else {
                plain.append(bytes[place])
                place += 1
            }
        }
        return plain.count == text.count ? nil : plain
    }

    /// The byte that an escape stands for, and how many bytes it has.
    @inline(__always) private static func escape(_ text: Span<UInt8>, _ place: Int) -> (byte: UInt8, count: Int)? {
        if text[place] == UInt8(ascii: "%") { return byte(text, place + 1).map { ($0, 3) } }
        guard text[place] == UInt8(ascii: "\\"), place + 1 < text.count else { return nil }
        switch text[place + 1] {
        case UInt8(ascii: "u"):
            guard byte(text, place + 2) == 0 else { return nil }
            return byte(text, place + 4).map { ($0, 6) }
        case UInt8(ascii: "n"): return (0x0a, 2)
        case UInt8(ascii: "r"): return (0x0d, 2)
        case UInt8(ascii: "t"): return (0x09, 2)
        // `\%75` is an address's spelling of `\u`.
        case UInt8(ascii: "%") where byte(text, place + 2) != nil: return nil
        case let other: return (other, 2)
        }
    }

    /// The byte that two hexadecimal digits write; nil where there are none.
    private static func byte(_ text: Span<UInt8>, _ place: Int) -> UInt8? {
        guard place + 1 < text.count, let high = Hexadecimal.value(text[place]),
            let low = Hexadecimal.value(text[place + 1])
        else { return nil }
        return high << 4 | low
    }
}

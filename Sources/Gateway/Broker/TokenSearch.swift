import JOSE
import SecretMemory
import Untrusted

/// Finds a token in an answer, however a program may have written it: as it is, in hexadecimal or base64, alone or behind
/// something else, and each of these as JSON or an address may escape it.
struct TokenSearch {
    /// A shorter token's encodings would be found by chance. In bytes.
    private static let shortestEncoded = 8

    private let forms: [[UInt8]]

    init(_ token: SecretBytes) {
        let bytes = token.exposedBytes
        guard bytes.count >= Self.shortestEncoded else {
            forms = [bytes]
            return
        }
        let digits = bytes.hexadecimal
        let base64 = (0..<3).map { Self.base64(bytes, behind: $0) }
        let other = base64.map {
            $0.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
        }
        forms = [bytes, Array(digits.utf8), Array(digits.uppercased().utf8)] + base64 + other
    }

    /// The base64 of the token behind `count` other bytes, without the letters that depend on its neighbours.
    private static func base64(_ token: [UInt8], behind count: Int) -> [UInt8] {
        let text = Array(Base64URL.encode([UInt8](repeating: 0, count: count) + token).utf8)
        let whole = (count + token.count) * 8 / 6
        return Array(text[((count * 8 + 5) / 6)..<whole])
    }

    func finds(in bytes: [UInt8]) -> Bool {
        var texts = [bytes]
        for _ in 0..<3 {
            if texts.contains(where: isIn) { return true }
            texts = texts.flatMap { text in
                (text.contains(UInt8(ascii: "\\")) ? [Self.withoutEscapes(text)] : [])
                    + (text.contains(UInt8(ascii: "%")) ? [Self.withoutPercents(text)] : [])
            }
        }
        return texts.contains(where: isIn)
    }

    private func isIn(_ text: [UInt8]) -> Bool { forms.contains { Self.contains(text, $0) } }

    private static func contains(_ bytes: [UInt8], _ form: [UInt8]) -> Bool {
        guard let first = form.first, bytes.count >= form.count else { return false }
        for start in 0...bytes.count - form.count where bytes[start] == first {
            if bytes[start..<start + form.count].elementsEqual(form) { return true }
        }
        return false
    }

    /// `\u0061` as `a`, `\/` as `/`; other escapes are no part of a token.
    private static func withoutEscapes(_ bytes: [UInt8]) -> [UInt8] {
        replacing(bytes, UInt8(ascii: "\\")) { rest in
            guard rest.first == UInt8(ascii: "u") else { return rest.first.map { ($0, 1) } }
            guard rest.count >= 5, let high = hexadecimal(rest.dropFirst(1).prefix(2)), high == 0,
                let low = hexadecimal(rest.dropFirst(3).prefix(2))
            else { return nil }
            return (low, 5)
        }
    }

    private static func withoutPercents(_ bytes: [UInt8]) -> [UInt8] {
        replacing(bytes, UInt8(ascii: "%")) { rest in hexadecimal(rest.prefix(2)).map { ($0, 2) } }
    }

    /// Each `escape` and the bytes behind it as one byte; `read` returns it, and how many bytes it takes.
    private static func replacing(
        _ bytes: [UInt8], _ escape: UInt8, _ read: (ArraySlice<UInt8>) -> (byte: UInt8, count: Int)?
    ) -> [UInt8] {
        var plain: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == escape, let (byte, count) = read(bytes[(position + 1)...]) {
                plain.append(byte)
                position += 1 + count
            } else {
                plain.append(bytes[position])
                position += 1
            }
        }
        return plain
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count == 2, let high = digits.first.flatMap(Hexadecimal.value),
            let low = digits.last.flatMap(Hexadecimal.value)
        else { return nil }
        return high << 4 | low
    }
}

import JOSE
import SecretMemory
import Untrusted

/// Finds a token in an answer, however a program may have written it: as it is, in hexadecimal or base64, alone or behind
/// something else, in lines, and each of these as JSON or an address may escape it, three times at most.
struct TokenSearch {
    /// A shorter token's encodings would be found by chance. In bytes.
    private static let shortestEncoded = 8
    private static let mostEscapes = 3

    /// The token, and what is left of it where it looks as if something in it was escaped.
    private let plain: [LinearSearch]
    private var hexadecimal: [LinearSearch] = []
    private var base64: [LinearSearch] = []

    init(_ token: SecretBytes) {
        let bytes = token.exposedBytes
        plain = Self.layers(of: bytes).map(LinearSearch.init)
        guard bytes.count >= Self.shortestEncoded else { return }
        hexadecimal = [LinearSearch(for: Array(bytes.hexadecimal.utf8))]
        base64 = (0..<3).map { LinearSearch(for: Self.base64(bytes, behind: $0)) }
    }

    /// The base64 of the token behind `count` other bytes, without the letters that depend on its neighbours.
    private static func base64(_ token: [UInt8], behind count: Int) -> [UInt8] {
        let text = Array(Base64URL.encode([UInt8](repeating: 0, count: count) + token).utf8)
        let whole = (count + token.count) * 8 / 6
        return Array(text[((count * 8 + 5) / 6)..<whole])
    }

    func finds(in bytes: [UInt8]) -> Bool {
        Self.layers(of: bytes).contains { text in
            isIn(text, plain) || isIn(EncodedText.hexadecimal(text), hexadecimal)
                || isIn(EncodedText.base64(text), base64)
        }
    }

    private func isIn(_ text: @autoclosure () -> [UInt8], _ forms: [LinearSearch]) -> Bool {
        guard !forms.isEmpty else { return false }
        let text = text()
        return forms.contains { $0.finds(in: text) }
    }

    /// The text itself, and as it is without one layer of escapes after another.
    private static func layers(of text: [UInt8]) -> [[UInt8]] {
        var layers = [text]
        while layers.count <= mostEscapes, let next = EncodedText.withoutEscapes(layers[layers.count - 1]) {
            layers.append(next)
        }
        return layers
    }
}

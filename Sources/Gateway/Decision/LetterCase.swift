import HTTP

/// Paths as case-insensitive applications read them.
enum LetterCase {
    static let step = "in lower case"

    /// Four letters beyond ASCII that case-insensitive matching treats as `i`, `k` and `s` (Unicode's CaseFolding.txt, and the
    /// dotless i, which Python's `re` matches as well).
    private static let foldedLetters: [(bytes: [UInt8], letter: UInt8)] = [
        ([0xc4, 0xb0], UInt8(ascii: "i")), ([0xc4, 0xb1], UInt8(ascii: "i")), ([0xc5, 0xbf], UInt8(ascii: "s")),
        ([0xe2, 0x84, 0xaa], UInt8(ascii: "k")),
    ]

    /// Whether folding can change a text that has this byte.
    static func isChanged(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == 0xc4 || byte == 0xc5 || byte == 0xe2
    }

    static func isChanged(by path: [UInt8]) -> Bool { path.contains(where: isChanged) }

    static func folded(_ path: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        var rest = path[...]
        while let first = rest.first {
            if let found = foldedLetters.first(where: { rest.starts(with: $0.bytes) }) {
                folded.append(found.letter)
                rest = rest.dropFirst(found.bytes.count)
            } else {
                folded.append(HTTPHeaders.lowered(first))
                rest = rest.dropFirst()
            }
        }
        return folded
    }
}

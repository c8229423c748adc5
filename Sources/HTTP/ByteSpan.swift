/// Searching and comparing bytes. Not in constant time: what a secret is compared with is for `constantTimeEqual`.
extension Span<UInt8> {
    /// Where `byte` stands first from `start` on; the end where it does not.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int {
        var position = start
        while position < count, self[position] != byte { position += 1 }
        return position
    }

    package func elementsEqual(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for position in indices where self[position] != other[position] { return false }
        return true
    }

    package func elementsEqual(_ text: String) -> Bool { elementsEqual(text.utf8.span) }
}

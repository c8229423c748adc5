/// Searches and compares bytes. Not in constant time: compare secrets with `constantTimeEqual`.
extension Span<UInt8> {
    /// The first position of `byte` from `start` on; `count` where there is none.
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

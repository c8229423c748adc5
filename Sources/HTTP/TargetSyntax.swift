/// Targets that are read without a second thought: nearly all of them.
package enum TargetSyntax {
    /// Where the path ends in a target of visible ASCII that has no backslash and no `#`, and neither `%` nor `;` in its
    /// path. Nil for every other one: those are looked at byte by byte.
    package static func endOfPlainPath(_ target: Span<UInt8>) -> Int? {
        let end = SixteenBytes.first(UInt8(ascii: "?"), in: target, from: 0)
        let isVisible = SixteenBytes.isNone(target) {
            SixteenBytes.othersThanVisible(in: $0) | SixteenBytes.marks(UInt8(ascii: "\\"), in: $0)
                | SixteenBytes.marks(UInt8(ascii: "#"), in: $0)
        } orEight: {
            $0.roughOthersThanVisible | $0.roughMarks(UInt8(ascii: "\\")) | $0.roughMarks(UInt8(ascii: "#"))
        }
        guard isVisible else { return nil }
        let path = target.extracting(0..<end)
        let isPlain = SixteenBytes.isNone(path) {
            SixteenBytes.marks(UInt8(ascii: "%"), in: $0) | SixteenBytes.marks(UInt8(ascii: ";"), in: $0)
        } orEight: {
            $0.roughMarks(UInt8(ascii: "%")) | $0.roughMarks(UInt8(ascii: ";"))
        }
        return isPlain ? end : nil
    }

    /// Whether a slash or a dot stands behind a slash somewhere in a path.
    package static func hasOddSegment(_ path: Span<UInt8>) -> Bool {
        guard path.count >= 8 else { return EightBytes(padded: path).slashesBeforeOddSegments != 0 }
        // Eight bytes are seven pairs.
        var marked = EightBytes(path, at: path.count - 8).slashesBeforeOddSegments
        var position = 0
        while position + 8 < path.count {
            marked |= EightBytes(path, at: position).slashesBeforeOddSegments
            position += 7
        }
        return marked != 0
    }
}

extension EightBytes {
    fileprivate var slashesBeforeOddSegments: UInt64 {
        let slashes = roughMarks(UInt8(ascii: "/"))
        return slashes & (slashes | roughMarks(UInt8(ascii: "."))) >> 8
    }
}

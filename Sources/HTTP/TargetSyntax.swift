/// Targets that are read without a second thought: nearly all of them.
package enum TargetSyntax {
    /// Where the path ends in a target of visible ASCII that has no backslash and no `#`, and neither `%` nor `;` in its
    /// path. Nil for every other one: those are looked at byte by byte.
    package static func endOfPlainPath(_ target: Span<UInt8>) -> Int? {
        let end = SixteenBytes.first(UInt8(ascii: "?"), in: target, from: 0)
        let isVisible = EightBytes.isNone(target) {
            $0.roughOthersThanVisible | $0.roughMarks(UInt8(ascii: "\\")) | $0.roughMarks(UInt8(ascii: "#"))
        }
        guard isVisible else { return nil }
        let isPlain = EightBytes.isNone(target.extracting(0..<end)) {
            $0.roughMarks(UInt8(ascii: "%")) | $0.roughMarks(UInt8(ascii: ";"))
        }
        return isPlain ? end : nil
    }
}

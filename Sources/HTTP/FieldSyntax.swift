/// What may stand in a header field (RFC 9110 section 5), asked about every field of every request.
package enum FieldSyntax {
    /// Letters, digits and hyphens: most names, and no name that anybody spells or reads in another way.
    package static func isPlainName(_ name: Span<UInt8>) -> Bool {
        !name.isEmpty && EightBytes.isNone(name) { $0.othersThanPlain }
    }

    /// A token (section 5.6.2).
    package static func isName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && ByteSet.token.containsAll(name) }

    /// No control byte but a tab (section 5.5).
    package static func isValue(_ value: Span<UInt8>) -> Bool { countControls(value) == 0 }

    /// How many control bytes but tabs there are: in a whole head, the delimiters and whatever passes for one of them.
    package static func countControls(_ text: Span<UInt8>) -> Int {
        SixteenBytes.count(text) {
            SixteenBytes.controls(in: $0)
        } orEight: {
            $0.controls
        }
    }
}

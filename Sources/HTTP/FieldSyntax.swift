/// What may stand in a header field (RFC 9110 section 5), asked about every field of every request.
package enum FieldSyntax {
    /// Letters, digits and hyphens: most names, and no name that anybody spells or reads in another way.
    package static func isPlainName(_ name: Span<UInt8>) -> Bool {
        name.count < 8
            ? !name.isEmpty && EightBytes(padded: name).othersThanPlain & EightBytes.marks(first: name.count) == 0
            : EightBytes.isNone(name) { $0.othersThanPlain }
    }

    /// A token (section 5.6.2).
    package static func isName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && ByteSet.token.containsAll(name) }

    /// No control byte but a tab (section 5.5).
    package static func isValue(_ value: Span<UInt8>) -> Bool { !SixteenBytes.hasControl(value) }
}

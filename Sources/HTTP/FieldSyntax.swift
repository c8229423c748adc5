/// The syntax of header fields (RFC 9110 section 5).
package enum FieldSyntax {
    private static let plain = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")

    /// Letters, digits and hyphens: a name that all programs read alike.
    package static func isPlainName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && plain.containsAll(name) }

    /// A token (section 5.6.2).
    package static func isName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && ByteSet.token.containsAll(name) }

    /// No control byte but a tab (section 5.5).
    package static func isValue(_ value: Span<UInt8>) -> Bool { countControls(value) == 0 }

    /// The number of control bytes but tabs. In a whole head, the delimiters count too.
    package static func countControls(_ text: Span<UInt8>) -> Int {
        text.indices.count { (text[$0] < 0x20 && text[$0] != 0x09) || text[$0] == 0x7f }
    }
}

/// What may stand in a header field (RFC 9110 section 5).
package enum FieldSyntax {
    private static let plain = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")

    /// Letters, digits and hyphens: most names, and no name that anybody spells or reads in another way.
    package static func isPlainName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && plain.containsAll(name) }

    /// A token (section 5.6.2).
    package static func isName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && ByteSet.token.containsAll(name) }

    /// No control byte but a tab (section 5.5).
    package static func isValue(_ value: Span<UInt8>) -> Bool { countControls(value) == 0 }

    /// How many control bytes but tabs there are: in a whole head, the delimiters and whatever passes for one of them.
    package static func countControls(_ text: Span<UInt8>) -> Int {
        var (count, start) = (0, 0)
        while start < text.count {
            // Without a branch and in a byte, so that the compiler looks at sixteen at once.
            let end = min(start + 255, text.count)
            var found: UInt8 = 0
            for position in start..<end {
                let byte = text[position]
                found &+= (byte < 0x20 ? 1 : 0) &- (byte == 0x09 ? 1 : 0) &+ (byte == 0x7f ? 1 : 0)
            }
            count += Int(found)
            start = end
        }
        return count
    }
}

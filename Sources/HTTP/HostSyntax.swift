/// The syntax of a host and port (RFC 3986 section 3.2.2, without percent-encoding).
package enum HostSyntax {
    private static let lowerCase = ByteSet("abcdefghijklmnopqrstuvwxyz0123456789-._")
    private static let anyCase = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")

    /// Letters, digits, hyphens, dots and underscores.
    package static func isName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && anyCase.containsAll(name) }

    /// A name without capital letters.
    package static func isLowerCaseName(_ name: Span<UInt8>) -> Bool { !name.isEmpty && lowerCase.containsAll(name) }

    /// Digits, five of them at most (RFC 3986 section 3.2.3).
    package static func isPort(_ port: Span<UInt8>) -> Bool {
        (1...5).contains(port.count) && ByteSet.digits.containsAll(port)
    }
}

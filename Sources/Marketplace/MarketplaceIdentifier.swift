import HTTP
package import Untrusted

/// The form of the marketplace's ids (account, installation, user): letters, digits, `_` and `-`. None of these is a delimiter
/// of a path, a query or a header.
package enum MarketplaceIdentifier {
    /// The longest id that fits a session cookie beside everything else. In bytes.
    package static let maximumLength = 128

    private static let bytes = ByteSet.unreserved.subtracting(".~")

    /// Nil where `text` is not an id.
    package static func read(_ text: UntrustedText) -> String? {
        (1...maximumLength).contains(text.count) && bytes.containsAll(text.bytes.span) ? text.string : nil
    }
}

import HTTP
package import Untrusted

/// The form of the marketplace's ids (account, installation, user): letters, digits, `_` and `-`. Nothing in one can be
/// read as a path, a query or a header's delimiter.
package enum MarketplaceIdentifier {
    /// The longest id that fits a session cookie beside everything else. In bytes.
    package static let maximumLength = 128

    private static let bytes = ByteSet.unreserved.subtracting(".~")

    /// The id as ordinary text, or nil where `text` is none.
    package static func read(_ text: UntrustedText) -> String? {
        (1...maximumLength).contains(text.count) && bytes.containsAll(text.bytes.span) ? text.string : nil
    }
}

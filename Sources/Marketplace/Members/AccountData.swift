package import JOSE
import Untrusted

/// What is believed of an account's data, from a look-up or from the marketplace's own call: its name and its page,
/// never its contact.
package struct AccountData: Sendable, Equatable {
    /// In bytes.
    package static let maximumNameLength = 128
    package static let maximumURLLength = 512

    /// Fit to be shown; nil where the marketplace gives none.
    package let name: String?
    /// The installation's page on the marketplace's dashboard: `https://…`.
    package let url: String?

    /// Of `{name?, url, contact}`. What is of another type or does not fit counts as absent.
    package init(_ account: JSONObject) {
        name = account["name"]?.text.flatMap(Self.shown)
        url = account["url"]?.text.flatMap(Self.page)
    }

    /// What can be seen of it, cut between scalars; nil for nothing.
    private static func shown(_ text: UntrustedText) -> String? {
        var name = String.UnicodeScalarView()
        var count = 0
        for scalar in text.string.visible.unicodeScalars {
            // Blanks come in only between what is shown.
            if scalar.properties.isWhitespace, name.isEmpty { continue }
            count += scalar.utf8.count
            guard count <= maximumNameLength else { break }
            name.append(scalar)
        }
        while let last = name.last, last.properties.isWhitespace { name.removeLast() }
        return name.isEmpty ? nil : String(name)
    }

    private static func page(_ text: UntrustedText) -> String? {
        guard text.count <= maximumURLLength, text.hasPrefix("https://"),
            text.bytes.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        return text.string
    }
}

package import JOSE
import Untrusted

/// An account's name and page, from a look-up or from the marketplace's call. Never its contact.
package struct AccountData: Sendable, Equatable {
    /// In bytes.
    package static let maximumNameLength = 128
    package static let maximumURLLength = 512

    /// Safe to show; nil where the marketplace gives none.
    package let name: String?
    /// The installation's page on the marketplace's dashboard: `https://…`.
    package let url: String?

    /// From `{name?, url, contact}`. A value of another type or form counts as absent.
    package init(_ account: JSONObject) {
        name = account["name"]?.text.flatMap(Self.shown)
        url = account["url"]?.text.flatMap(Self.page)
    }

    /// The visible characters, cut between scalars; nil where none is left.
    private static func shown(_ text: UntrustedText) -> String? {
        var name = String.UnicodeScalarView()
        var count = 0
        for scalar in text.string.visible.unicodeScalars {
            // No blanks at the beginning.
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

package import JOSE
import VisibleText

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

    /// What can be seen of it, cut between characters; nil for nothing.
    private static func shown(_ text: String) -> String? {
        var name = ""
        for character in text.visible.trimming(while: \.isWhitespace) {
            guard name.utf8.count + character.utf8.count <= maximumNameLength else { break }
            name.append(character)
        }
        return name.isEmpty ? nil : name
    }

    private static func page(_ text: String) -> String? {
        guard text.utf8.count <= maximumURLLength, text.hasPrefix("https://"),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        return text
    }
}

extension String {
    fileprivate func trimming(while isOuter: (Character) -> Bool) -> Substring {
        var rest = self[...].drop(while: isOuter)
        while let last = rest.last, isOuter(last) { rest.removeLast() }
        return rest
    }
}

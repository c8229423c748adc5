import Untrusted

/// Markup. Every interpolated string is escaped for text and for quoted attributes; interpolated markup is not escaped again.
/// Raw markup is a literal in the source, or an operator's own file.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
    package let text: String

    package init(stringLiteral value: String) { text = value }

    /// `markup`: from a file of the operator, never from a request.
    package init(configured markup: String) { text = markup }

    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    package var bytes: [UInt8] { Array(text.utf8) }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text: String

        package init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }
        package mutating func appendInterpolation(_ value: String) { text += HTML.escape(value) }
        package mutating func appendInterpolation(_ value: Int) { text += String(value) }
        package mutating func appendInterpolation(_ markup: HTML) { text += markup.text }
        package mutating func appendInterpolation(_ markup: [HTML]) { for part in markup { text += part.text } }
    }

    /// Escapes the five special characters of text and quoted attributes (HTML Living Standard section 13.1). Removes
    /// invisible characters: with them a name could look like the page's own words.
    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.visible.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

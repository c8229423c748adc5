import Untrusted

/// Markup. A value gets in only escaped: every interpolated string is made safe for text and for quoted attributes,
/// interpolated markup goes in as it is, and the one way to write raw markup is a literal in the source.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
    package let text: String

    package init(stringLiteral value: String) { text = value }

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

    /// The five characters that mean something in text or in a quoted attribute (HTML Living Standard section 13.1). What
    /// cannot be seen is left out: it could make a name look like the page's own words.
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

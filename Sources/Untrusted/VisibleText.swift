/// The visible part of a text. Some characters change how the text around them is shown: U+202E reverses the writing
/// direction, U+200B is invisible, ESC controls a terminal (Unicode Technical Report 36, section 2.6).
extension Unicode.Scalar {
    /// False for controls (Cc), format characters (Cf), and separators of lines and paragraphs.
    package var isVisible: Bool {
        if value < 0x7f { return value >= 0x20 }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }
}

extension String {
    /// Whether every character is visible.
    package var isVisible: Bool { unicodeScalars.allSatisfy(\.isVisible) }

    /// The text without invisible characters; a blank for a tab and for each line end.
    package var visible: String {
        if isVisible { return self }
        var visible = ""
        for scalar in unicodeScalars {
            if scalar.isVisible {
                visible.unicodeScalars.append(scalar)
            } else if scalar.properties.isWhitespace {
                visible += " "
            }
        }
        return visible
    }
}

/// What of a text a person can see. Names are chosen by others, and some characters change how everything around them is
/// shown: U+202E turns the direction of writing, U+200B hides, ESC commands a terminal (Unicode Technical Report 36,
/// "Unicode Security Considerations", section 2.6 on bidirectional text).
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
    /// Whether there is nothing in it but what can be seen.
    package var isVisible: Bool { unicodeScalars.allSatisfy(\.isVisible) }

    /// The text without what cannot be seen; a blank for a tab and for each end of a line.
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

import Untrusted

/// A colour of the pages' buttons and focus rings: `#1f5eff`.
package struct AccentColour: Sendable, Hashable, CustomStringConvertible {
    /// The pages' two themes, which follow the browser's setting.
    package enum Theme: String, Sendable, CaseIterable {
        case light, dark

        /// The colour of the page behind buttons; `gateway.css` has the same as `--paper`.
        var paper: AccentColour {
            switch self {
            case .light: AccentColour(red: 0xff, green: 0xff, blue: 0xff)
            case .dark: AccentColour(red: 0x17, green: 0x1a, blue: 0x21)
            }
        }
    }

    /// The least contrast of a control with what is behind it (WCAG 2.2, criterion 1.4.11, level AA).
    package static let minimumContrast = 3.0

    private let red, green, blue: UInt8

    init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Nil for anything but `#` and six hexadecimal digits.
    package init?(_ text: String) {
        let digits = Array(text.utf8.dropFirst())
        guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6, let number = Hexadecimal.number(digits) else {
            return nil
        }
        self.init(red: UInt8(number >> 16 & 255), green: UInt8(number >> 8 & 255), blue: UInt8(number & 255))
    }

    package var description: String { "#" + [red, green, blue].hexadecimal }

    /// From 1 to 21 (WCAG 2.2, "contrast ratio").
    func contrast(with other: AccentColour) -> Double {
        let (mine, others) = (luminance, other.luminance)
        return (max(mine, others) + 0.05) / (min(mine, others) + 0.05)
    }

    package func contrast(in theme: Theme) -> Double { contrast(with: theme.paper) }

    /// The better one for words on this colour: black or white, of which one always has a contrast of 4.5.
    var ink: AccentColour {
        let (white, black) = (AccentColour(red: 255, green: 255, blue: 255), AccentColour(red: 0, green: 0, blue: 0))
        return contrast(with: white) >= contrast(with: black) ? white : black
    }

    /// WCAG 2.2, "relative luminance".
    private var luminance: Double {
        func linear(_ component: UInt8) -> Double {
            let part = Double(component) / 255
            if part <= 0.04045 { return part / 12.92 }
            let base = (part + 0.055) / 1.055
            // To the power of 2.4.
            return base * base * Self.fifthRoot(of: base * base)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// Newton's method, of a number from 0.002 to 1. The standard library has no power function.
    private static func fifthRoot(of number: Double) -> Double {
        (0..<32).reduce(1.0) { root, _ in (4 * root + number / (root * root * root * root)) / 5 }
    }
}

import Glibc
import Untrusted

/// Text for people: bold and coloured on a terminal, plain everywhere else.
struct Terminal {
    private let isColourful: Bool

    init(descriptor: Int32 = 1) {
        // https://no-color.org
        let isPlain = unsafe getenv("NO_COLOR") != nil
        isColourful = Self.isTerminal(descriptor) && !isPlain
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    func bold(_ text: String) -> String { styled("1", text) }
    func faint(_ text: String) -> String { styled("2", text) }
    func good(_ text: String) -> String { styled("32", text) }
    func warning(_ text: String) -> String { styled("33", text) }
    func bad(_ text: String) -> String { styled("31", text) }
    func link(_ text: String) -> String { styled("4;36", text) }

    private func styled(_ code: String, _ text: String) -> String {
        isColourful ? Self.style(code) + text + Self.style("0") : text
    }

    /// Prints without a buffer, also into a pipe.
    static func say(_ text: String, terminator: String = "\n") { put(text + terminator, on: 1) }

    static func complain(_ text: String) { put(text + "\n", on: 2) }

    /// One line that says why a command fails. It may hold names of files and other values: they add no line or style.
    static func fail(_ message: String) { complain("sso-gateway: \(message.visible)") }

    private static func style(_ code: String) -> String { "\u{1b}[\(code)m" }

    private static let styles = ["0", "1", "2", "31", "32", "33", "4;36"].map { style($0).unicodeScalars }

    /// Without control sequences and characters that change the direction of writing, because other people choose the
    /// names that are printed. Line ends, tabs and this program's own styles stay: a value that is put into such a text
    /// must go through `visible` first, or it could add a line.
    static func printable(_ text: String) -> String {
        var printable = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if let style = styles.first(where: { rest.starts(with: $0) }) {
                printable.append(contentsOf: style)
                rest = rest.dropFirst(style.count)
                continue
            }
            if scalar.isVisible || scalar == "\n" || scalar == "\t" { printable.append(scalar) }
            rest = rest.dropFirst()
        }
        return String(printable)
    }

    private static func put(_ text: String, on descriptor: Int32) {
        let bytes = Array(printable(text).utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}

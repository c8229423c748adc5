import Glibc
import JOSE
import Untrusted

/// Text for people: bold and coloured on a terminal, plain everywhere else. No other file writes control sequences.
struct Terminal {
    private let isColourful: Bool

    init(descriptor: Int32 = 1) {
        isColourful = Self.isColourful(isTerminal: Self.isTerminal(descriptor), Self.variable)
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether a line on the terminal can be written again.
    static var canReplaceLines: Bool { isTerminal(2) && variable("TERM") != "dumb" }

    /// <https://no-color.org>, <https://bixense.com/clicolors/>
    static func isColourful(isTerminal: Bool, _ variable: (String) -> String?) -> Bool {
        func isSet(_ name: String) -> Bool { variable(name)?.isEmpty == false }
        if isSet("NO_COLOR") { return false }
        for name in ["CLICOLOR_FORCE", "FORCE_COLOR"] where isSet(name) && variable(name) != "0" { return true }
        return isTerminal && variable("TERM") != "dumb"
    }

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
    static func say(_ text: String, terminator: String = "\n") { put(printable(text) + terminator, on: 1) }

    /// One line for programs.
    static func say(_ object: JSONObject) { say(escaped(object.encoded)) }

    static func complain(_ text: String, terminator: String = "\n") { put(printable(text) + terminator, on: 2) }

    /// One line that says why a command fails. It may hold names of files and other values: they add no line or style.
    static func fail(_ message: String) { complain("sso-gateway: \(message.visible)") }

    /// Writes over the last line of standard error, if that was written by this function. It must fit into one line of
    /// the terminal, or it could not be overwritten. An empty text leaves nothing there.
    static func replaceLine(_ text: String) { put("\r\u{1b}[K" + text.visible.prefix(longestLine), on: 2) }

    private static let longestLine = 78

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

    /// JSON as it came, but for what would command a terminal: in JSON that can only stand in strings, where it is written
    /// as an escape.
    static func escaped(_ json: some Sequence<UInt8>) -> String {
        var text = ""
        for scalar in String(decoding: Array(json), as: UTF8.self).unicodeScalars {
            if scalar.isVisible || scalar == "\n" || scalar == "\t" {
                text.unicodeScalars.append(scalar)
            } else if scalar != "\r" {
                for unit in UTF16.encode(scalar)! {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    private static func put(_ text: String, on descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}

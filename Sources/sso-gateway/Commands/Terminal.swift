import Glibc

/// What people see: headings in bold and marks in colour where a terminal shows them, plain text everywhere else.
struct Terminal {
    private let isColourful: Bool

    init(descriptor: Int32 = 1) {
        let isPlainWanted = unsafe getenv("NO_COLOR") != nil
        isColourful = Self.isTerminal(descriptor) && !isPlainWanted
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    func bold(_ text: String) -> String { styled("1", text) }
    func faint(_ text: String) -> String { styled("2", text) }
    func good(_ text: String) -> String { styled("32", text) }
    func bad(_ text: String) -> String { styled("31", text) }
    func link(_ text: String) -> String { styled("4;36", text) }

    private func styled(_ code: String, _ text: String) -> String {
        isColourful ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// Prints at once, also into a pipe.
    static func say(_ text: String, terminator: String = "\n") { put(text + terminator, on: 1) }

    static func complain(_ text: String) { put(text + "\n", on: 2) }

    private static func put(_ text: String, on descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}

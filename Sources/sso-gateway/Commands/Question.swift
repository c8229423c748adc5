import Glibc
import Locking
import SecretMemory
import Untrusted

/// Questions to a person: each on standard error, its answer from standard input.
enum Question {
    static var isPossible: Bool { Terminal.isTerminal(0) && Terminal.isTerminal(2) }

    /// Nil at the end of the input.
    static func ask(_ text: String) -> String? {
        Terminal.complain(text + " ", terminator: "")
        return line().map { $0.exposedText?.string ?? "" }
    }

    /// The terminal does not show the answer. Nil at the end of the input.
    static func askSecret(_ text: String) -> SecretBytes? {
        Terminal.complain(text + " ", terminator: "")
        var quiet = termios()
        if unsafe tcgetattr(0, &quiet) == 0 {
            shown.withLock { [quiet] in $0 = quiet }
            quiet.c_lflag &= ~tcflag_t(ECHO)
            // VQUIT and VSUSP: a shell would show the rest of the secret after the process has ended or is continued.
            quiet.c_cc.1 = 0
            quiet.c_cc.10 = 0
            unsafe tcsetattr(0, TCSAFLUSH, &quiet)
        }
        defer {
            restore()
            Terminal.complain("")
        }
        return line()
    }

    /// The terminal's settings before a secret is typed.
    private static let shown = Locked<termios?>(nil)

    /// Also before a signal ends the process.
    static func restore() {
        shown.withLock { shown in
            if var settings = shown { unsafe tcsetattr(0, TCSANOW, &settings) }
            shown = nil
        }
    }

    private static func line() -> SecretBytes? {
        var bytes: [UInt8] = []
        defer { bytes.cleanse() }
        var byte: UInt8 = 0
        while true {
            guard unsafe read(0, &byte, 1) == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return SecretBytes(bytes) }
            bytes.append(byte)
        }
    }
}

import Glibc
import OpenSSLCrypto

/// Draws random bytes, forks while the generator has state, and draws again in every process: a line of 32 hexadecimal
/// digits for each draw, on standard output.
///
///     ForkedRandom CHILDREN DRAWS
///
/// A program of its own because only a process with one thread may go on after `fork` as if nothing had happened.
@main enum ForkedRandom {
    static func main() {
        guard let children = Int(CommandLine.arguments[1]), let draws = Int(CommandLine.arguments[2]) else { exit(64) }
        draw(draws)
        for _ in 0..<children {
            let id = fork()
            guard id >= 0 else { exit(1) }
            if id == 0 {
                draw(draws)
                _exit(0)
            }
        }
        draw(draws)
        for _ in 0..<children { waitpid(-1, nil, 0) }
    }

    private static func draw(_ draws: Int) {
        for _ in 0..<draws {
            var line: [UInt8] = []
            for byte in SecureRandom.bytes(16) { line += [digit(byte >> 4), digit(byte & 15)] }
            line.append(UInt8(ascii: "\n"))
            guard unsafe line.withUnsafeBytes({ unsafe write(1, $0.baseAddress, $0.count) }) == line.count else {
                exit(1)
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Swift hides it, since most programs have more than one thread.
    private static func fork() -> pid_t {
        guard let symbol = unsafe dlsym(nil, "fork") else { return -1 }
        return unsafe unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)()
    }
}

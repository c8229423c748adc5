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
            let digits = SecureRandom.bytes(16).flatMap { byte in
                [byte >> 4, byte & 15].map { $0 < 10 ? UInt8(ascii: "0") + $0 : UInt8(ascii: "a") + $0 - 10 }
            }
            let line = digits + [UInt8(ascii: "\n")]
            guard unsafe line.withUnsafeBytes({ unsafe write(1, $0.baseAddress, $0.count) }) == line.count else {
                exit(1)
            }
        }
    }

    /// Swift hides it, since most programs have more than one thread.
    private static func fork() -> pid_t {
        guard let symbol = unsafe dlsym(nil, "fork") else { return -1 }
        return unsafe unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)()
    }
}

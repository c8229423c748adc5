import CProcess
import Glibc

/// What every command does first: whatever passes through this process stays out of core dumps, out of reach of other
/// processes of the same user, and out of files that others can read.
enum HardenProcess {
    static func apply() {
        guard process_forbid_dumps() == 0 else {
            // What cannot be promised is not begun.
            Terminal.complain("sso-gateway: core dumps cannot be switched off: \(ReadFile.reason())")
            exit(1)
        }
        // The number of a standard stream that is closed goes to what is opened next, and the log would be written into it.
        for stream: Int32 in 0...2 where fcntl(stream, F_GETFD) < 0 {
            if unsafe open("/dev/null", O_RDWR) != stream { exit(1) }
        }
        umask(0o077)
        // A peer that goes away is an error of one write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that has reached its size limit (setrlimit(2)): the store and the log report it.
        signal(SIGXFSZ, SIG_IGN)
    }
}

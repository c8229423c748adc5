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
        // A standard stream that is closed would be the number of the next socket, and the log would be written into it.
        var stream: Int32 = 0
        while (0...2).contains(stream) { stream = unsafe open("/dev/null", O_RDWR) }
        if stream > 2 { close(stream) }
        umask(0o077)
        // A peer that goes away is an error of one write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
    }
}

import CProcess
import Glibc

/// The first step of every command, while the process has one thread. It keeps secrets out of core dumps, out of reach of
/// the user's other processes, and out of files that other users can read.
enum HardenProcess {
    static func apply() {
        guard process_forbid_dumps() == 0 else {
            // The manual promises this, so the command does not start without it.
            Terminal.fail("core dumps cannot be switched off: \(ReadFile.reason())")
            exit(1)
        }
        // The next file that is opened gets the number of a closed standard stream, and the log would be written into it.
        for stream: Int32 in 0...2 where fcntl(stream, F_GETFD) < 0 {
            if unsafe open("/dev/null", O_RDWR) != stream { exit(1) }
        }
        // Else the C library waits five seconds for a dead first name server, which is all the time that a connection has.
        unsafe setenv("RES_OPTIONS", "timeout:2 attempts:3", 0)
        umask(0o077)
        // Writing to a closed connection should fail, not end the process.
        signal(SIGPIPE, SIG_IGN)
        // The same for a file at its size limit (setrlimit(2)): the store and the log report the error.
        signal(SIGXFSZ, SIG_IGN)
    }
}

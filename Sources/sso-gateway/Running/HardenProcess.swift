import Glibc

/// What every command does first: whatever passes through this process stays out of core dumps, out of reach of other
/// processes of the same user, and out of files that others can read.
enum HardenProcess {
    static func apply() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(4), &none)  // RLIMIT_CORE
        _ = prctl(PR_SET_DUMPABLE, 0)
        umask(0o077)
        // A peer that goes away is an error of one write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
    }
}

package import Glibc

/// A program in a directory of its own, its standard output and error in a file. Foundation's `Process` leaks a little,
/// which Address Sanitizer reports, and its children inherit the calling thread's signal mask, which blocks SIGTERM on
/// the threads that tests run on.
package struct ChildProcess: Sendable {
    package let id: pid_t

    /// `output` is a path; what was there before is cut off. Nil when the program cannot be started.
    package init?(_ arguments: [String], in directory: String, output: String) {
        // The program must not inherit the files of tests that run beside this one. (No spawn action of this glibc that
        // closes them is visible to Swift.)
        for descriptor in Int32(3)..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        unsafe posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&files, 1, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = unsafe (["env", "-C", directory] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var id = pid_t()
        guard unsafe posix_spawn(&id, "/usr/bin/env", &files, &attributes, &words, environ) == 0 else { return nil }
        self.id = id
    }

    /// Waits for the end and says whether it was a success.
    @discardableResult
    package func wait() -> Bool {
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0 && errno == EINTR {}
        return status == 0
    }

    /// SIGKILL, and the wait for the end.
    package func end() {
        kill(id, SIGKILL)
        wait()
    }

    /// SIGTERM and the wait for the end; SIGKILL after `limit`.
    package func terminate(within limit: Duration = .seconds(5)) {
        kill(id, SIGTERM)
        let deadline = ContinuousClock.now + limit
        var status: Int32 = 0
        while unsafe waitpid(id, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < deadline else { return end() }
            usleep(5000)
        }
    }
}

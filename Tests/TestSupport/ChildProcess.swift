package import Glibc

/// A program in a directory of its own, its standard output in a file. Foundation's `Process` gives children a signal
/// mask that blocks SIGTERM, and leaks a little, which Address Sanitizer reports.
package struct ChildProcess: Sendable {
    package let id: pid_t

    /// Nil when it cannot be started. `arguments` are those of `env`: `NAME=value` pairs may stand in front.
    package init?(_ arguments: [String], in directory: String, output: String) {
        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        unsafe posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&files, 1, 2)
        var words = unsafe (["env", "-C", directory] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var id = pid_t()
        guard unsafe posix_spawn(&id, "/usr/bin/env", &files, nil, &words, environ) == 0 else { return nil }
        self.id = id
    }

    /// Waits for the end and says whether it was a success.
    package func wait() -> Bool {
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0 && errno == EINTR {}
        return status == 0
    }

    package func end() {
        kill(id, SIGKILL)
        _ = wait()
    }
}

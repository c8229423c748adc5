package import Glibc

/// A program on a pseudo-terminal of its own, as a person at a keyboard has it.
package final class TerminalProcess {
    package struct Failure: Error { package let reason: String }

    package let id: pid_t
    private let terminal: Int32
    private var written: [UInt8] = []
    /// What `wait` found already ends here.
    private var seen = 0
    private var status: Int32?

    /// `arguments` may begin with `NAME=VALUE`. `columns` is the terminal's width.
    package init(_ arguments: [String], in directory: String, columns: UInt16 = 200) throws {
        for descriptor in Int32(3)..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        var (terminal, side) = (Int32(-1), Int32(-1))
        var name = [CChar](repeating: 0, count: 128)
        guard unsafe openpty(&terminal, &side, nil, nil, &size) == 0, unsafe ttyname_r(side, &name, name.count) == 0
        else { throw Failure(reason: "no pseudo-terminal") }
        self.terminal = terminal
        // The program opens its side by name.
        defer { close(side) }
        for descriptor in [terminal, side] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(terminal, F_SETFL, O_NONBLOCK)
        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        // The first terminal that a session's leader opens is the session's own.
        unsafe posix_spawn_file_actions_addopen(&files, 0, name, O_RDWR, 0)
        for descriptor in Int32(1)...2 { unsafe posix_spawn_file_actions_adddup2(&files, 0, descriptor) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        // POSIX_SPAWN_SETSID, which Swift does not see.
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
        let clean = ["env", "-C", directory, "-u", "NO_COLOR", "-u", "CLICOLOR_FORCE", "-u", "FORCE_COLOR"]
        var words = unsafe (clean + ["TERM=xterm"] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var id = pid_t()
        guard unsafe posix_spawn(&id, "/usr/bin/env", &files, &attributes, &words, environ) == 0 else {
            throw Failure(reason: "no process")
        }
        self.id = id
    }

    deinit {
        if status == nil {
            kill(id, SIGKILL)
            while waitpid(id, nil, 0) < 0 && errno == EINTR {}
        }
        close(terminal)
    }

    /// Everything so far, with line ends as the program wrote them.
    package var output: String { String(decoding: written, as: UTF8.self).replacing("\r\n", with: "\n") }

    /// Whether the terminal shows what is typed.
    package var showsInput: Bool {
        var settings = termios()
        return unsafe tcgetattr(terminal, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Waits until the program writes `text` behind what was waited for before: half a minute at most.
    package func wait(for text: String) throws {
        let wanted = Array(text.utf8)
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            read()
            if let found = written[seen...].firstRange(of: wanted) {
                seen = found.upperBound
                return
            }
            guard ContinuousClock.now < deadline, !hasEnded else {
                throw Failure(reason: "no '\(text)' in: \(output)")
            }
            usleep(5000)
        }
    }

    /// Waits until the terminal does not show what is typed, then types it.
    package func typeHidden(_ text: String) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while showsInput {
            guard ContinuousClock.now < deadline else {
                throw Failure(reason: "the terminal shows a secret: \(output)")
            }
            usleep(2000)
        }
        type(text)
    }

    package func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(terminal, $0.baseAddress, $0.count) }
    }

    /// The exit code, or minus the signal that ended it; kills it after half a minute.
    package func exitCode() -> Int32 {
        let deadline = ContinuousClock.now + .seconds(30)
        while !hasEnded {
            read()
            if ContinuousClock.now > deadline { kill(id, SIGKILL) }
            usleep(5000)
        }
        read()
        let status = status ?? 0
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    private var hasEnded: Bool {
        if status != nil { return true }
        var found: Int32 = 0
        if unsafe waitpid(id, &found, WNOHANG) == id { status = found }
        return status != nil
    }

    private func read() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(terminal, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            written += chunk[0..<count]
        }
    }
}

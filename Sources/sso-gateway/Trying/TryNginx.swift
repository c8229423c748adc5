import CProcess
import Glibc
import Locking
import SecretMemory

/// A real nginx in front of `try`. Its files are in a temporary folder that `stop` removes.
final class TryNginx: Sendable {
    enum StartError: Error, CustomStringConvertible {
        case notInstalled
        case noFolder(String)
        /// nginx's own words.
        case ended(String)

        var description: String {
            switch self {
            case .notInstalled:
                "nginx is neither in $PATH nor in /usr/sbin: install it (Debian, Ubuntu: `apt-get install nginx-light`; "
                    + "elsewhere https://nginx.org/en/download.html), or run `sso-gateway try` without --proxy"
            case .noFolder(let reason): "no temporary folder for nginx: \(reason)"
            case .ended(let words): "nginx did not start: \(words.isEmpty ? "it says nothing" : words)"
            }
        }
    }

    let folder: String
    private let process: pid_t
    /// While it is open, nginx runs: it also ends after this process was killed.
    private let lifeline: Int32
    private let status = Locked<Int32?>(nil)

    private var log: String { folder + "/nginx.log" }
    var configuration: String { folder + "/nginx.conf" }

    /// The first one in `path`, else that of a system directory, which is not in every user's path.
    static func find(in path: String?) -> String? {
        let folders = (path ?? "").split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]
        return folders.map { $0 + "/nginx" }.first { path in
            var found = stat()
            return unsafe stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }

    /// Returns when nginx listens on `port` of this machine. `isVerbose`: nginx writes to this process's standard error.
    static func start(_ executable: String?, site: ProxySite, port: UInt16, isVerbose: Bool) async throws -> TryNginx {
        guard let executable else { throw StartError.notInstalled }
        let folder = try makeFolder()
        let nginx: TryNginx
        do {
            try WriteFile.create(folder + "/site.conf", .init(NginxSnippet(site: site).text))
            try WriteFile.create(folder + "/nginx.conf", .init(mainFile))
            nginx = try TryNginx(executable, folder, isVerbose: isVerbose)
        } catch {
            remove(folder)
            throw error
        }
        for _ in 0..<200 {
            if accepts(port) { return nginx }
            if nginx.hasEnded { break }
            try? await Task.sleep(for: .milliseconds(50))
        }
        let words = nginx.lastWords
        nginx.stop()
        throw StartError.ended(words)
    }

    /// The surroundings that Debian's package has around its conf.d. Paths are relative to the folder.
    private static let mainFile = """
        daemon off;
        pid nginx.pid;
        error_log stderr;
        events {}
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            include site.conf;
        }

        """

    private static func makeFolder() throws(StartError) -> String {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/sso-gateway-try-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw .noFolder(ReadFile.reason()) }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        // nginx's workers run as another user where root started it.
        unsafe chmod(folder, 0o711)
        return folder
    }

    /// A shell waits for the end of the lifeline, because nothing else ends a child of a process that was killed.
    private static let script = """
        exec 3<&0
        "$@" </dev/null 3<&- & nginx=$!
        (read -r _ <&3; kill "$nginx") 2>/dev/null &
        wait "$nginx"
        """

    private init(_ executable: String, _ folder: String, isVerbose: Bool) throws(StartError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .ended(ReadFile.reason()) }
        // The shell must not keep its own lifeline open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        unsafe posix_spawn_file_actions_adddup2(&files, ends[0], 0)
        if !isVerbose {
            unsafe posix_spawn_file_actions_addopen(
                &files, 2, folder + "/nginx.log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        unsafe posix_spawn_file_actions_adddup2(&files, 2, 1)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        // In a group of its own: Ctrl-C is for this process, which then stops nginx.
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let arguments =
            ["sh", "-c", Self.script, "sh"] + [
                executable, "-e", "stderr", "-p", folder + "/", "-c", folder + "/nginx.conf",
            ]
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var id = pid_t()
        // The error is the result and not in `errno`.
        errno = unsafe posix_spawn(&id, "/bin/sh", &files, &attributes, &words, environ)
        guard errno == 0 else {
            for end in ends { close(end) }
            throw .ended(ReadFile.reason())
        }
        close(ends[0])
        (self.folder, process, lifeline) = (folder, id, ends[1])
    }

    var hasEnded: Bool {
        status.withLock { status in
            var found: Int32 = 0
            if status == nil, unsafe waitpid(process, &found, WNOHANG) == process { status = found }
            return status != nil
        }
    }

    /// Also returns when the task is cancelled.
    func untilEnd() async {
        while !hasEnded, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(250)) }
    }

    /// What nginx wrote last.
    var lastWords: String {
        (try? ReadFile.text(log))?.split(separator: "\n").suffix(3).joined(separator: " ") ?? ""
    }

    /// nginx has two seconds to finish.
    func stop() {
        close(lifeline)
        for _ in 0..<200 where !hasEnded { usleep(10_000) }
        if !hasEnded { kill(-process, SIGKILL) }
        Self.remove(folder)
    }

    private static func accepts(_ port: UInt16) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func remove(_ folder: String) {
        // It holds these only, and nginx's empty folders.
        for name in ["site.conf", "nginx.conf", "nginx.log", "nginx.pid"] { unsafe unlink("\(folder)/\(name)") }
        for name in ["body", "proxy", "fastcgi", "uwsgi", "scgi"] { unsafe rmdir("\(folder)/\(name)") }
        unsafe rmdir(folder)
    }
}

package import Glibc

/// A real PostgreSQL server in a folder of its own. It listens on a Unix socket there, and ends at the latest with the tests'
/// process.
package final class PostgreSQLServer: Sendable {
    package struct Failure: Error, CustomStringConvertible { package let description: String }

    /// One for all tests that only need a database.
    package static let shared = Result { try PostgreSQLServer() }

    package let folder: TemporaryFolder
    package let port: UInt16
    /// The command lines of PostgreSQL's programs begin with this: the server refuses to run as root.
    private let asUser: [String]
    private let programs: String

    /// `settings`: lines of postgresql.conf. `access`: lines of pg_hba.conf before those that trust the socket's users.
    package init(_ settings: [String] = [], access: [String] = []) throws {
        folder = try TemporaryFolder()
        port = try unusedPort()
        asUser = geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
        // Debian keeps the programs of each version apart.
        programs = try Self.output("ls -d /usr/lib/postgresql/*/bin | tail -1", in: folder)
        if geteuid() == 0 { _ = try Self.output("chown postgres: .", in: folder) }
        try run([
            "\(programs)/initdb", "-D", "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C",
            "--no-sync",
        ])
        let lines =
            [
                "unix_socket_directories = '\(folder.root)'", "port = \(port)", "listen_addresses = '127.0.0.1'",
                "max_connections = 200",
            ] + settings
        try append(lines, to: "data/postgresql.conf")
        if !access.isEmpty {
            _ = try Self.output("cat data/pg_hba.conf > rest.conf; : > data/pg_hba.conf", in: folder)
            try append(access, to: "data/pg_hba.conf")
            _ = try Self.output("cat rest.conf >> data/pg_hba.conf", in: folder)
        }
        try start()
    }

    deinit { stop("immediate") }

    /// Starts it, or starts it again.
    package func start() throws {
        try run(["\(programs)/pg_ctl", "start", "-D", "data", "-l", "server.log", "-w", "-t", "60"])
        try folder.write(
            "watch.sh",
            """
            while kill -0 \(getpid()) 2>/dev/null; do test -e data/postmaster.pid || exit 0; sleep 0.5; done
            \(asUser.joined(separator: " ")) \(programs)/pg_ctl stop -D data -m immediate
            cd /; rm -rf \(folder.root)

            """)
        _ = try Self.output("sh watch.sh >/dev/null 2>&1 &", in: folder)
    }

    /// `mode`: `smart`, `fast` or `immediate`, which is like a crash.
    package func stop(_ mode: String = "fast") {
        try? run(["\(programs)/pg_ctl", "stop", "-D", "data", "-m", mode, "-w"])
    }

    /// SIGKILL to every process of the server at once.
    package func kill() throws {
        let killed = signal(SIGKILL)
        // The next start needs their shared memory.
        for id in killed { while Glibc.kill(id, 0) == 0 { usleep(10_000) } }
        try run(["rm", "-f", "data/postmaster.pid"])
    }

    /// Sends a signal to the server's main process and to its children.
    /// Returns their ids.
    @discardableResult
    package func signal(_ number: Int32) -> [pid_t] {
        guard let main = pid else { return [] }
        let children = (try? Self.output("ps -o pid= --ppid \(main)", in: folder)) ?? ""
        let all = [main] + children.split(whereSeparator: { " \n".contains($0) }).compactMap { pid_t($0) }
        for id in all { _ = Glibc.kill(id, number) }
        return all
    }

    /// An address of a new database, through the Unix socket.
    package func database(_ name: String = "gateway_\(UInt32.random(in: 0...(.max)))") throws -> String {
        try query("CREATE DATABASE \(name)", in: "postgres")
        return address(name)
    }

    package func address(_ database: String) -> String {
        "postgresql://postgres@/\(database)?host=\(folder.root)&port=\(port)"
    }

    /// Runs statements with psql and returns the last result, without headings.
    @discardableResult
    package func query(_ statements: String, in database: String) throws -> String {
        let file = "query-\(UInt32.random(in: 0...(.max))).sql"
        try folder.write(file, statements + "\n")
        defer { unsafe unlink(folder.path(file)) }
        return try Self.output(
            "psql -X -q -A -t -v ON_ERROR_STOP=1 -h '\(folder.root)' -p \(port) -U postgres -d '\(database)' -f \(file)",
            in: folder)
    }

    private var pid: pid_t? {
        let first = try? Self.output("head -1 data/postmaster.pid", in: folder)
        return first.flatMap { pid_t($0) }
    }

    private func append(_ lines: [String], to file: String) throws {
        try folder.write("lines", lines.joined(separator: "\n") + "\n")
        _ = try Self.output("cat lines >> \(file)", in: folder)
    }

    private func run(_ command: [String]) throws {
        _ = try Self.output((asUser + command).map { "'\($0)'" }.joined(separator: " "), in: folder)
    }

    private static func output(_ script: String, in folder: TemporaryFolder) throws -> String {
        let name = "output-\(UInt32.random(in: 0...(.max)))"
        guard let child = ChildProcess(["sh", "-c", script], in: folder.root, output: folder.path(name)) else {
            throw Failure(description: "cannot start sh")
        }
        let succeeded = child.wait()
        let text = textWritten(to: folder.path(name))
        unsafe unlink(folder.path(name))
        guard succeeded else { throw Failure(description: "\(script): \(text)") }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

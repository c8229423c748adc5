import Glibc
import TestSupport
import Testing

/// pgbouncer, which lends a server's connection for one transaction.
struct Pooler {
    private let folder: TemporaryFolder
    private let process: ChildProcess
    private let port: UInt16

    init(before server: PostgreSQLServer) throws {
        folder = try TemporaryFolder()
        port = try unusedPort()
        try folder.write(
            "pgbouncer.ini",
            """
            [databases]
            * = host=\(server.folder.root) port=\(server.port) user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 2

            """)
        let asUser = geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
        if geteuid() == 0 {
            let owned = ChildProcess(["chown", "-R", "postgres:", "."], in: folder.root, output: "/dev/null")
            owned?.wait()
        }
        process = try #require(
            ChildProcess(
                asUser + ["/usr/sbin/pgbouncer", "pgbouncer.ini"], in: folder.root, output: folder.path("log")))
        for _ in 0..<6000 {
            if (try? RawConnection(port: port)) != nil { return }
            usleep(5000)
        }
    }

    func address(_ database: String) -> String { "postgresql://postgres@127.0.0.1:\(port)/\(database)" }

    func stop() { process.terminate() }
}

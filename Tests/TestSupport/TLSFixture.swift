import Foundation
import Glibc
import Locking

/// A CA, certificates and `openssl s_server` processes in a temporary directory: real TLS on loopback.
package final class TLSFixture: Sendable {
    package struct Failure: Error { package let arguments: [String] }

    let directory: URL
    private let servers = Locked<[ChildProcess]>([])

    package init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for ca in ["ca", "other-ca"] {
            try openssl(Self.newKey(ca) + ["-x509", "-subj", "/CN=\(ca)", "-days", "2", "-out", "\(ca).pem"])
        }
    }

    deinit {
        servers.withLock { for server in $0 { server.end() } }
        try? FileManager.default.removeItem(at: directory)
    }

    package func path(_ name: String) -> String { directory.appending(path: name).path }

    /// A certificate `name.pem` of `ca`, or signed by itself.
    package func makeCertificate(_ name: String, for subject: String, ca: String?, days: Int = 2) throws {
        try "subjectAltName=\(subject)\n".write(toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
        try openssl(Self.newKey(name) + ["-subj", "/CN=\(name)", "-out", "\(name).csr"])
        let signer =
            ca.map { ["-CA", "\($0).pem", "-CAkey", "\($0).key", "-CAcreateserial"] } ?? ["-key", "\(name).key"]
        try openssl(
            [
                "x509", "-req", "-in", "\(name).csr", "-days", "\(days)", "-extfile", "\(name).ext", "-out",
                "\(name).pem",
            ]
                + signer)
    }

    /// The port of a new `s_server` that answers every GET with a page and then closes.
    package func serve(_ certificate: String, _ options: [String] = []) throws -> Int {
        let log = path("\(UUID().uuidString).log")
        let arguments =
            [
                "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "\(certificate).pem", "-key",
                "\(certificate).key", "-www",
            ]
            + options
        guard let server = ChildProcess(arguments, in: directory.path, output: log) else {
            throw Failure(arguments: arguments)
        }
        servers.withLock { $0.append(server) }
        for _ in 0..<4000 {
            let content = try FileHandle(forReadingFrom: URL(filePath: log)).readToEnd() ?? Data()
            let said = String(decoding: content, as: UTF8.self)
            if said.hasSuffix("\n"), let line = said.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT") }),
                let port = line.split(separator: ":").last.flatMap({ Int($0) })
            {
                return port
            }
            usleep(5000)
        }
        throw Failure(arguments: arguments)
    }

    /// The system goes on accepting connections for the servers, but nothing on them is answered.
    package func pauseServers() { servers.withLock { for server in $0 { kill(server.id, SIGSTOP) } } }

    package func resumeServers() { servers.withLock { for server in $0 { kill(server.id, SIGCONT) } } }

    package func openssl(_ arguments: [String]) throws {
        let process = ChildProcess(["openssl"] + arguments, in: directory.path, output: "/dev/null")
        guard process?.wait() == true else { throw Failure(arguments: arguments) }
    }

    private static func newKey(_ name: String) -> [String] {
        ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key"]
    }
}

import Foundation
import Glibc
import Synchronization
import Testing

/// A CA, certificates and `openssl s_server` processes in a temporary directory: real TLS on loopback.
final class TLSFixture: Sendable {
    struct Failure: Error { let arguments: [String] }

    let directory: URL
    private let servers = Mutex<[Process]>([])

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for ca in ["ca", "other-ca"] {
            try openssl(Self.newKey(ca) + ["-x509", "-subj", "/CN=\(ca)", "-days", "2", "-out", "\(ca).pem"])
        }
    }

    deinit {
        servers.withLock { servers in
            for server in servers {
                // Not SIGTERM: a child may inherit a mask that blocks it.
                kill(server.processIdentifier, SIGKILL)
                server.waitUntilExit()
            }
        }
        try? FileManager.default.removeItem(at: directory)
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    /// A certificate `name.pem` of `ca`, or signed by itself.
    func makeCertificate(_ name: String, for subject: String, ca: String?, days: Int = 2) throws {
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
    func serve(_ certificate: String, _ options: [String] = []) throws -> Int {
        let server = process(
            ["s_server", "-accept", "127.0.0.1:0", "-cert", "\(certificate).pem", "-key", "\(certificate).key", "-www"]
                + options)
        // A file, not a pipe: other children started meanwhile would hold the pipe's end and keep it from closing.
        let log = path("\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        server.standardOutput = FileHandle(forWritingAtPath: log)
        try server.run()
        servers.withLock { $0.append(server) }
        while server.isRunning {
            let said = try String(contentsOfFile: log, encoding: .utf8)
            if said.hasSuffix("\n"), let line = said.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT") }),
                let port = line.split(separator: ":").last.flatMap({ Int($0) })
            {
                return port
            }
            usleep(5000)
        }
        throw Failure(arguments: options)
    }

    func openssl(_ arguments: [String]) throws {
        let process = process(arguments)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(arguments: arguments) }
    }

    private static func newKey(_ name: String) -> [String] {
        ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key"]
    }

    private func process(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}

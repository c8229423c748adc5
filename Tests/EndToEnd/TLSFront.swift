import Foundation
import Glibc
import TestSupport

/// HAProxy with a certificate in front of a plain server, as load balancers stand in front of a marketplace.
final class TLSFront: Sendable {
    struct Failure: Error { let log: String }

    let port: UInt16
    private let process: ChildProcess

    /// `certificate`: its name in `tls`. `server`: a port of 127.0.0.1. `port`: nil for an unused one.
    init(_ tls: TLSFixture, _ certificate: String, before server: UInt16, port: UInt16? = nil) throws {
        let port = try port ?? unusedPort()
        self.port = port
        let parts = try ["pem", "key"].map {
            try String(contentsOfFile: tls.path("\(certificate).\($0)"), encoding: .utf8)
        }
        let both = tls.path("front-\(port).pem")
        try parts.joined().write(toFile: both, atomically: true, encoding: .utf8)
        let configuration = tls.path("front-\(port).cfg")
        try """
        defaults
            mode tcp
            timeout connect 10s
            timeout client 60s
            timeout server 60s
        frontend marketplace
            bind 127.0.0.1:\(port) ssl crt \(both)
            default_backend plain
        backend plain
            server one 127.0.0.1:\(server)

        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        let log = tls.path("front-\(port).log")
        guard let process = ChildProcess(["haproxy", "-db", "-f", configuration], in: "/", output: log) else {
            throw Failure(log: "no process")
        }
        self.process = process
        for _ in 0..<4000 {
            if (try? RawConnection(port: port)) != nil { return }
            usleep(5000)
        }
        throw Failure(log: textWritten(to: log))
    }

    /// From now on the system accepts connections for it, but nothing on them is answered.
    func pause() { kill(process.id, SIGSTOP) }

    func resume() { kill(process.id, SIGCONT) }

    deinit { process.end() }
}

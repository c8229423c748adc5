import Foundation
import Glibc
import TestSupport
import Testing

/// A real TLS server that ends idle connections, and writes down every request.
final class IdleServer: Sendable {
    enum Kind: String, Sendable, CustomTestStringConvertible {
        case nginxTimeout = "nginx, keepalive_timeout 1s"
        case nginxReload = "nginx, reload"
        case caddyTimeout = "Caddy, idle 1s"
        case fin = "FIN"
        case reset = "RST"
        case closeNotify = "close_notify"
        /// An unasked answer and the end, as HAProxy and Apache httpd do it.
        case requestTimeout = "408"

        var testDescription: String { rawValue }
    }

    struct CannotStart: Error {}

    let kind: Kind
    let port: UInt16
    /// Containers often have none.
    static let hasIPv6 = !textWritten(to: "/proc/net/if_inet6").isEmpty

    private let tls: TLSFixture
    private let process: ChildProcess
    private var log: String { tls.path("requests.log") }
    private var output: String { tls.path("output.log") }

    init(_ kind: Kind) throws {
        self.kind = kind
        tls = try TLSFixture()
        try tls.makeCertificate("good", for: "DNS:localhost,IP:127.0.0.1,IP:::1", ca: "ca")
        let wish = try Self.freePort()
        guard
            let process = ChildProcess(
                try Self.command(kind, wish, tls), in: tls.path(""), output: tls.path("output.log"))
        else { throw CannotStart() }
        self.process = process
        switch kind {
        case .nginxTimeout, .nginxReload, .caddyTimeout:
            port = wish
            try Self.wait { (try? RawConnection(port: wish)) != nil }
        case .fin, .reset, .closeNotify, .requestTimeout:
            let output = tls.path("output.log")
            try Self.wait { textWritten(to: output).contains("\n") }
            let words = textWritten(to: output).split { $0.isWhitespace }
            guard words.count > 1, let said = UInt16(words[1]) else { throw CannotStart() }
            port = said
        }
    }

    deinit {
        switch kind {
        // Its workers end with it only at a signal that it can take.
        case .nginxTimeout, .nginxReload: process.terminate()
        case .caddyTimeout, .fin, .reset, .closeNotify, .requestTimeout: process.end()
        }
    }

    var caFile: String { tls.path("ca.pem") }

    /// The path of every request, in order.
    var paths: [String] {
        switch kind {
        case .nginxTimeout, .nginxReload: entries.map(\.path)
        case .caddyTimeout:
            textWritten(to: log).split(separator: "\n").compactMap {
                $0.firstMatch(of: /"uri":"([^"]*)"/).map { String($0.1) }
            }
        case .fin, .reset, .closeNotify, .requestTimeout:
            lines("heard").compactMap { $0.split(separator: " ").last.map(String.init) }
        }
    }

    /// nginx only: the number of each request's connection, and its path.
    var entries: [(connection: String, path: String)] {
        textWritten(to: log).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return (words[0], words[1])
        }
    }

    /// Waits until the server's requests are written down.
    func settle(_ count: Int) async throws {
        for _ in 0..<2000 where paths.count < count { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// The server ends all connections that it keeps, and this is over when it has.
    func endIdleConnections() async throws {
        switch kind {
        case .nginxTimeout, .caddyTimeout: try await Task.sleep(for: .milliseconds(1500))
        case .nginxReload:
            let before = exits
            kill(process.id, SIGHUP)
            for _ in 0..<4000 where exits == before { try await Task.sleep(for: .milliseconds(5)) }
            #expect(exits > before)
        case .fin, .reset, .closeNotify, .requestTimeout:
            kill(process.id, SIGUSR1)
            for _ in 0..<4000 where lines("ended").count < lines("opened").count {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(lines("ended").count == lines("opened").count)
        }
    }

    /// How many of nginx's workers have ended, and with them all of their connections.
    private var exits: Int { textWritten(to: output).matches(of: /exited with code 0/).count }

    private func lines(_ word: String) -> [Substring] {
        textWritten(to: output).split(separator: "\n").filter { $0.hasPrefix(word) }
    }

    private static func command(_ kind: Kind, _ port: UInt16, _ tls: TLSFixture) throws -> [String] {
        let directory = tls.path("")
        func write(_ text: String, _ name: String) throws {
            try text.write(toFile: tls.path(name), atomically: false, encoding: .utf8)
        }
        switch kind {
        case .nginxTimeout, .nginxReload:
            try write(
                """
                daemon off; pid \(directory)/nginx.pid; error_log stderr notice; worker_processes 1;
                events { worker_connections 256; }
                http {
                    log_format entry '$connection $request_uri'; access_log \(directory)/requests.log entry;
                    client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy;
                    fastcgi_temp_path \(directory)/fastcgi; uwsgi_temp_path \(directory)/uwsgi;
                    scgi_temp_path \(directory)/scgi;
                    keepalive_timeout \(kind == .nginxTimeout ? 1 : 75)s;
                    server {
                        listen 127.0.0.1:\(port) ssl; \(hasIPv6 ? "listen [::1]:\(port) ssl;" : "")
                        ssl_certificate good.pem; ssl_certificate_key good.key; ssl_protocols TLSv1.2 TLSv1.3;
                        location / { return 200 "x"; }
                    }
                }
                """, "nginx.conf")
            return ["/usr/sbin/nginx", "-p", directory, "-c", "\(directory)/nginx.conf", "-e", "stderr"]
        case .caddyTimeout:
            try write(
                """
                {
                    admin off
                    skip_install_trust
                    servers {
                        timeouts {
                            idle 1s
                        }
                    }
                }
                https://localhost:\(port), https://127.0.0.1:\(port) {
                    bind 127.0.0.1
                    tls good.pem good.key
                    log {
                        output file \(directory)/requests.log
                    }
                    respond "x"
                }
                """, "Caddyfile")
            return [
                "env", "HOME=\(directory)", "XDG_CONFIG_HOME=\(directory)", "XDG_DATA_HOME=\(directory)", "caddy",
                "run", "--adapter", "caddyfile", "--config", "Caddyfile",
            ]
        case .fin, .reset, .closeNotify, .requestTimeout:
            try Data(PackageResources.idle_closing_server_py).write(to: URL(filePath: tls.path("server.py")))
            return ["python3", "server.py", kind.rawValue, "good.pem", "good.key"]
        }
    }

    /// Below those that the system gives to clients.
    private static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 15_000...31_000)
            if (try? RawConnection(port: port)) == nil { return port }
        }
        throw CannotStart()
    }

    private static func wait(_ isThere: () -> Bool) throws {
        for _ in 0..<4000 {
            if isThere() { return }
            usleep(5000)
        }
        throw CannotStart()
    }
}

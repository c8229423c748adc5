import Foundation
import Glibc
import TestSupport

/// A partner's whole site on this machine: a real proxy, a real gateway and a marketplace stand-in, each a process of
/// its own, and an app that records what reaches it.
struct ProxiedApp: Sendable {
    struct CannotStart: Error { let what: String }

    /// What differs from one test's site to another's.
    struct Plan: Sendable {
        /// `session.idle`.
        var idle = "15m"
        /// The family of identity headers.
        var headers = "auth-request"
        /// Gets the decision requests instead of the gateway.
        var gateway: ScriptedServer?
        /// What the recording app answers.
        var answer: @Sendable (String) -> String = AppAnswer.to
        /// The app's program instead of the recording app; it gets its port.
        var program: (@Sendable (UInt16) -> [String])?
        /// A `RawClient` is there for the site.
        var hasRawClient = false
        /// The gateway listens on a socket file, and nowhere else.
        var isOnSocket = false
        /// The site is served with TLS, as in production.
        var isSecure = false
        /// `callback_path`.
        var callback = "/sso/callback"
        /// What a partner changes in the printed block.
        var edit: (@Sendable (String) -> String)?
    }

    let proxy: RealProxy
    let directory: String
    /// The public address.
    let url: String
    let port: UInt16
    let standInURL: String
    let gatewayPort: UInt16
    /// Records every request that gets through, as its bytes came.
    let app: ScriptedServer
    let gateway: ChildProcess

    var isSecure: Bool { url.hasPrefix("https:") }

    /// The same site behind every proxy, all at once. Suites that use it have the trait `namesProxy`.
    static func behindEach(
        _ plan: Plan = Plan(), but others: Set<RealProxy> = [],
        _ body: @escaping @Sendable (ProxiedApp) async throws -> Void
    ) async throws {
        try await RealProxy.forEach { proxy in
            if !others.contains(proxy) { try await run(behind: proxy, plan, body) }
        }
    }

    /// Everything is stopped and removed behind `body`, whatever becomes of it.
    static func run(
        behind proxy: RealProxy = .nginx, _ plan: Plan = Plan(), _ body: (ProxiedApp) async throws -> Void
    ) async throws {
        try await RealProxy.$current.withValue(proxy) { try await start(behind: proxy, plan, body) }
    }

    private static func start(
        behind proxy: RealProxy, _ plan: Plan, _ body: (ProxiedApp) async throws -> Void
    ) async throws {
        let directory = NSTemporaryDirectory() + "sso-gateway-proxies-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // nginx's workers run as another user where nginx was started by root.
        unsafe chmod(directory, 0o755)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let app = try ScriptedServer(.repeated([.reply(plan.answer)]))
        defer { app.stop() }
        var children: [ChildProcess] = []
        // nginx's workers outlive a killed master, so it gets a signal to stop.
        defer { for child in children.reversed() { child.terminate() } }

        let ports = try FreePort.take(6)
        let url = "\(plan.isSecure ? "https" : "http")://localhost:\(ports[0])"
        let standInURL = "http://localhost:\(ports[2])"
        func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
            guard let child = ChildProcess(arguments, in: directory, output: "\(directory)/\(name).log") else {
                throw CannotStart(what: name)
            }
            children.append(child)
            return child
        }
        let executable = try Executable.path()
        let socket = directory + "/gateway.sock"
        let keys = ChildProcess(
            [executable, "keys", "generate", "--key-ring", "keys.json"], in: directory, output: "/dev/null")
        guard keys?.wait() == true else { throw CannotStart(what: "keys") }
        try SiteConfiguration.gateway(
            url: url, standInURL: standInURL,
            listen: plan.isOnSocket ? "unix:\(socket)" : "127.0.0.1:\(ports[1])", adminPort: ports[3], plan: plan
        ).write(toFile: directory + "/gateway.yaml", atomically: false, encoding: .utf8)

        _ = try start(
            "stand-in",
            [executable, "provider-stand-in", "--port", "\(ports[2])", "--redirect-login-url", url + plan.callback]
                // Making RSA keys would take longer than everything else that starts here.
                + ["--algorithm", SiteConfiguration.algorithm])
        let gateway = try start("gateway", [executable, "serve", "--config", "gateway.yaml"])
        var appPort = app.port
        if let program = plan.program {
            appPort = ports[4]
            _ = try start("app", program(appPort))
        }
        if plan.hasRawClient { _ = try start("raw-client", RawClient.command(in: directory)) }
        var arguments = ["--app", "127.0.0.1:\(appPort)"]
        if plan.isSecure { arguments += try Certificate.make(in: directory) }
        if proxy == .traefik { arguments += ["--inner-port", "\(ports[5])"] }
        if let other = plan.gateway { arguments += ["--gateway", "127.0.0.1:\(other.port)"] }
        let command = try proxy.prepare(
            in: directory, gatewayExecutable: executable, arguments: arguments, edit: plan.edit)
        _ = try start("proxy", command)
        let site = ProxiedApp(
            proxy: proxy, directory: directory, url: url, port: ports[0], standInURL: standInURL,
            gatewayPort: ports[1], app: app, gateway: gateway)
        var places = [("stand-in", ports[2]), ("gateway", ports[3]), ("proxy", ports[0])]
        if !plan.isOnSocket { places.append(("gateway", ports[1])) }
        if plan.program != nil { places.append(("app", appPort)) }
        for (name, port) in places {
            guard await answers(port) else { throw CannotStart(what: name + ": " + site.log(name)) }
        }
        if plan.hasRawClient, await !connects({ try RawConnection(path: RawClient.socket(in: directory)) }) {
            throw CannotStart(what: "raw-client: " + site.log("raw-client"))
        }
        guard await site.knowsItsHost() else { throw CannotStart(what: "proxy: " + site.log("proxy")) }
        // Not every proxy here runs as the gateway's user or group.
        if plan.isOnSocket { unsafe chmod(socket, 0o666) }
        try await body(site)
    }

    /// Waits until the proxy has read its whole block, which refuses every other host. Traefik opens its port before that,
    /// and answers 404.
    private func knowsItsHost() async -> Bool {
        for _ in 0..<400 {
            let answer = try? await Browser(self).ask("/", headers: ["Host: other.invalid"])
            if let answer, answer.status != 404 { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// The session's cookie.
    var sessionCookie: String { isSecure ? "__Host-sso_session" : "sso_session" }

    /// The `Cookie` of a browser that has signed in.
    func signIn(as user: String) async throws -> String {
        let browser = Browser(self)
        try await browser.signIn(as: user)
        return try browser.cookie
    }

    /// An address of this site as a path. Traefik's answers name the whole.
    func path(_ address: String?) -> String {
        guard let address else { return "" }
        return address.hasPrefix(url) ? String(address.dropFirst(url.count)) : address
    }

    /// The requests that reached the app for one path, heads and bodies.
    func received(_ path: String) -> [String] {
        app.requests.filter { $0.split(separator: " ").dropFirst().first.map(String.init) == path }
    }

    func log(_ name: String) -> String {
        textWritten(to: "\(directory)/\(name).log")
    }

    /// Waits until something listens there.
    static func answers(_ port: UInt16) async -> Bool { await connects { try RawConnection(port: port) } }

    private static func connects(_ connect: () throws -> RawConnection) async -> Bool {
        for _ in 0..<400 {
            if (try? connect()) != nil { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

/// What the recording app says.
enum AppAnswer {
    static func to(_ request: String) -> String {
        let body = request.hasPrefix("HEAD ") ? "" : "the app's page"
        return "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n\(body)"
    }
}

/// The built `sso-gateway`, which lies beside the test program.
enum Executable {
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
